package origin

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// readPlain reads the head of a final response of HTTP/1.1 that is whole in b and
// has nothing unusual about it: lines end in CR LF, names are tokens, and there is
// one length or none is needed. It reports how many bytes of b that is; 0: net/http
// has to read it. What it accepts, it reads as net/http does, but for Cache-Control,
// which it does not make of a Pragma [TTL-23].
func readPlain(b []byte, method string, res *http.Response) (n int) {
	end := bytes.Index(b, headEnd)
	if end < 0 || end+len(headEnd) > maxHeadBytes {
		return 0
	}
	text := string(b[:end+len("\r\n")]) // one piece for all strings of the head
	line, fields, _ := strings.Cut(text, "\r\n")
	if !readStatus(line, res) || !readFields(fields, res) || !frame(method, res) {
		return 0
	}
	return end + len(headEnd)
}

var headEnd = []byte("\r\n\r\n")

const version = "HTTP/1.1 "

func readStatus(line string, res *http.Response) bool {
	if !strings.HasPrefix(line, version) || len(line) < len(version)+3 || strings.IndexByte(line, '\n') >= 0 {
		return false
	}
	res.Status = line[len(version):]
	if len(res.Status) > 3 && res.Status[3] != ' ' {
		return false
	}
	code, err := strconv.Atoi(res.Status[:3])
	if err != nil || code < 200 {
		return false
	}
	res.StatusCode, res.Proto, res.ProtoMajor, res.ProtoMinor = code, line[:len(version)-1], 1, 1
	return true
}

func readFields(rest string, res *http.Response) bool {
	count := strings.Count(rest, "\n")
	h := make(http.Header, count)
	values := make([]string, 0, count)
	for rest != "" {
		var line string
		line, rest, _ = strings.Cut(rest, "\r\n")
		colon := strings.IndexByte(line, ':')
		if colon < 0 || !token(line[:colon]) {
			return false
		}
		value := line[colon+1:]
		for i := range len(value) {
			if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
				return false
			}
		}
		name := http.CanonicalHeaderKey(line[:colon])
		values = append(values, strings.Trim(value, " \t"))
		if seen := h[name]; seen != nil {
			h[name] = append(seen, values[len(values)-1])
		} else {
			n := len(values)
			h[name] = values[n-1 : n : n]
		}
	}
	res.Header = h
	return true
}

// frame settles how long the body is.
func frame(method string, res *http.Response) bool {
	h := res.Header
	if h["Transfer-Encoding"] != nil || h["Trailer"] != nil {
		return false
	}
	for _, v := range h["Connection"] {
		if !strings.EqualFold(v, "keep-alive") {
			if !strings.EqualFold(v, "close") {
				return false
			}
			res.Close = true
		}
	}
	length := int64(-1)
	if said := h["Content-Length"]; said != nil {
		n, err := strconv.ParseUint(said[0], 10, 63)
		if err != nil || len(said) > 1 || said[0][0] == '+' {
			return false
		}
		length = int64(n)
	}
	res.ContentLength = length
	switch {
	case method == http.MethodHead:
		res.Body = http.NoBody
	case res.StatusCode == http.StatusNoContent, res.StatusCode == http.StatusNotModified:
		res.Body, res.ContentLength = http.NoBody, 0
	case length < 0: // ends with the connection
		return false
	case length == 0:
		res.Body = http.NoBody
	}
	return true
}
