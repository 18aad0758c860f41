package front

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/http2/hpack"
)

// fieldCodes are the names of response fields as HPACK writes them before a value
// that joins no table (RFC 7541 §6.2.2), by their canonical form.
var fieldCodes = sync.OnceValue(func() map[string]string {
	codes := map[string]string{}
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	for _, name := range strings.Fields(`Accept-Ranges Access-Control-Allow-Credentials Access-Control-Allow-Headers
		Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers Access-Control-Max-Age Age Allow
		Alt-Svc Cache-Control Content-Disposition Content-Encoding Content-Language Content-Length Content-Location Content-Range
		Content-Security-Policy Content-Type Cross-Origin-Opener-Policy Date Etag Expires Last-Modified Link Location
		Permissions-Policy Pragma Referrer-Policy Retry-After Server Server-Timing Set-Cookie Strict-Transport-Security
		Timing-Allow-Origin Trailer Vary Via X-Amz-Cf-Id X-Amz-Cf-Pop X-Cache X-Content-Type-Options X-Frame-Options
		X-Powered-By X-Xss-Protection`) {
		// Sensitive: the one form of a literal that the encoder never puts into its
		// table. It ends in the length of the empty value, and its fourth bit says
		// "never".
		b.Reset()
		enc.WriteField(hpack.HeaderField{Name: strings.ToLower(name), Sensitive: true})
		code := b.Bytes()[:b.Len()-1]
		code[0] &^= 0x10
		codes[name] = string(code)
	}
	return codes
})

// appendField appends a field whose name is in canonical form.
func appendField(b []byte, name, value string) []byte {
	if code, ok := fieldCodes()[name]; ok {
		b = append(b, code...)
	} else {
		b = appendLength(append(b, 0), len(name))
		for i := range len(name) {
			c := name[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
		}
	}
	return append(appendLength(b, len(value)), value...)
}

// appendLength appends the length of a string that is not Huffman-coded.
// RFC 7541 §5.1, §5.2
func appendLength(b []byte, n int) []byte {
	const most = 1<<7 - 1
	if n < most {
		return append(b, byte(n))
	}
	b = append(b, most)
	for n -= most; n >= 1<<7; n >>= 7 {
		b = append(b, byte(n)|1<<7)
	}
	return append(b, byte(n))
}

// appendStatus appends :status, by its place in the static table if it has one.
func appendStatus(b []byte, status int) []byte {
	switch status {
	case 200:
		return append(b, 0x88)
	case 304:
		return append(b, 0x8b)
	case 404:
		return append(b, 0x8d)
	}
	b = append(b, 0x08, 3)
	return strconv.AppendInt(b, int64(status), 10)
}

// appendHead appends what a Hitter says for HTTP/1.1.
func appendHead(b, head []byte) []byte {
	line, rest, _ := bytes.Cut(head, crlf)
	status, _ := strconv.Atoi(alias(line[len("HTTP/1.1 "):][:3]))
	b = appendStatus(b, status)
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, crlf)
		name, value, _ := bytes.Cut(line, colon)
		if ofConnection(alias(name)) {
			continue
		}
		b = appendField(b, alias(name), alias(trim(value)))
	}
	return b
}

// ofConnection reports whether a field, whose name is in canonical form, has no
// place in HTTP/2. RFC 9113 §8.2.2
func ofConnection(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

var (
	crlf  = []byte("\r\n")
	colon = []byte(":")
)
