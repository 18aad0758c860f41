package proxy_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// asked2 are requests over HTTP/2: fields "name: value", then a body. They are answered
// alike, in this order, but for those in unlike2.
var asked2 = []struct {
	name   string
	fields []string
	body   string
}{
	{"a miss", []string{":method: GET", ":path: /page"}, ""},
	{"a hit", []string{":method: GET", ":path: /page"}, ""},
	{"a HEAD", []string{":method: HEAD", ":path: /page"}, ""},
	{"compressed", []string{":method: GET", ":path: /page", "accept-encoding: gzip, br"}, ""},
	{"a range", []string{":method: GET", ":path: /page", "range: bytes=0-9"}, ""},
	{"a range that nothing satisfies", []string{":method: GET", ":path: /page", "range: bytes=9000-"}, ""},
	{"several ranges", []string{":method: GET", ":path: /page", "range: bytes=0-1,5-6"}, ""},
	{"a condition", []string{":method: GET", ":path: /page", `if-none-match: "1"`}, ""},
	{"a large object", []string{":method: GET", ":path: /large"}, ""},
	{"a large hit", []string{":method: GET", ":path: /large"}, ""},
	{"a body whose end nobody knows", []string{":method: GET", ":path: /growing"}, ""},
	{"an error of the origin", []string{":method: GET", ":path: /404"}, ""},
	{"no body", []string{":method: GET", ":path: /204"}, ""},
	{"an empty body", []string{":method: GET", ":path: /empty"}, ""},
	{"a redirect", []string{":method: GET", ":path: /moved"}, ""},
	{"several fields of one name, and those of a connection", []string{":method: GET", ":path: /odd"}, ""},
	{"cookies in pieces", []string{":method: GET", ":path: /page", "cookie: a=1", "cookie: b=2"}, ""},
	{"a method that is not allowed", []string{":method: POST", ":path: /page"}, "abc"},
	{"a body", []string{":method: POST", ":path: /api/x"}, "abc"},
	{"a body of a declared length", []string{":method: PUT", ":path: /api/x", "content-length: 3"}, "abc"},
	{"a body of another length", []string{":method: PUT", ":path: /api/x", "content-length: 4"}, "abc"},
	{"a method nobody knows", []string{":method: BREW", ":path: /api/x"}, ""},
	{"OPTIONS", []string{":method: OPTIONS", ":path: /api/x"}, ""},
	{"a path as it came", []string{":method: GET", ":path: /a%2Fb//../c?x=%zz"}, ""},
	{"a URL over the limit", []string{":method: GET", ":path: /" + strings.Repeat("a", 8192)}, ""},
	{"te", []string{":method: GET", ":path: /page", "te: trailers"}, ""},
	{"a host beside the authority", []string{":method: GET", ":path: /page", "host: D.example:443"}, ""},
	{"no authority", []string{":method: GET", ":path: /page", ":authority: "}, ""},
	{"an authority that is no host", []string{":method: GET", ":path: /page", ":authority: u@d.example"}, ""},
	{"another host than the authority", []string{":method: GET", ":path: /page", "host: other.example"}, ""},
	{"a length of a body that does not come", []string{":method: GET", ":path: /page", "content-length: 3"}, ""},
	{"a path that is none", []string{":method: GET", ":path: page"}, ""},
	{"no path", []string{":method: GET"}, ""},
	{"an empty path", []string{":method: GET", ":path: "}, ""},
	{"no method", []string{":path: /page"}, ""},
	{"a field of a connection", []string{":method: GET", ":path: /page", "connection: keep-alive"}, ""},
	{"a transfer coding", []string{":method: GET", ":path: /page", "transfer-encoding: chunked"}, ""},
	{"another te", []string{":method: GET", ":path: /page", "te: gzip"}, ""},
	{"an upper-case name", []string{":method: GET", ":path: /page", "X-A: b"}, ""},
	{"a bad escape", []string{":method: GET", ":path: /%zz"}, ""},
	{"OPTIONS of everything", []string{":method: OPTIONS", ":path: *"}, ""},
	{"an expectation", []string{":method: PUT", ":path: /api/x", "expect: 100-continue"}, "abc"},
}

// unlike2 are the requests over HTTP/2 that the two fronts answer differently, each by
// the first line of the answer and with its reason: docs/FRONTS.md has them, too.
var unlike2 = []struct{ name, ours, theirs, rows string }{
	{"a body of another length", "reset: PROTOCOL_ERROR", ":status: 200", "[ERR-18], RFC 9113 §8.1.1"},
	{"no authority", ":status: 400", ":status: 200", "[ERR-18]"},
	{"an authority that is no host", ":status: 400", "reset: PROTOCOL_ERROR", "[ERR-18]"},
	{"another host than the authority", ":status: 400", ":status: 200", "[ERR-18], RFC 9113 §8.3.1"},
	{"a length of a body that does not come", "reset: PROTOCOL_ERROR", ":status: 200", "[ERR-18], RFC 9113 §8.1.1"},
	{"a field of a connection", "reset: PROTOCOL_ERROR", ":status: 400", "[ERR-18], RFC 9113 §8.2.2"},
	{"a transfer coding", "reset: PROTOCOL_ERROR", ":status: 400", "[ERR-18], RFC 9113 §8.2.2"},
	{"another te", "reset: PROTOCOL_ERROR", ":status: 400", "[ERR-18], RFC 9113 §8.2.2"},
	{"an expectation", ":status: 200", ":status: 100", "RFC 9110 §10.1.1: no 100 when the body is there"},
}

// TestFrontsAnswerAlikeOverHTTP2: the frames of both fronts say the same: fields,
// bodies, and the codes of streams that are reset.
func TestFrontsAnswerAlikeOverHTTP2(t *testing.T) {
	f := startFronts(t)
	for _, row := range asked2 {
		t.Run(row.name, func(t *testing.T) {
			var said [2]string
			for i, addr := range f.secure {
				var err error
				if said[i], err = ask2(addr, row.fields, row.body); err != nil {
					t.Fatal(err)
				}
			}
			for _, u := range unlike2 {
				if u.name != row.name {
					continue
				}
				ours, _, _ := strings.Cut(said[0], "\n")
				theirs, _, _ := strings.Cut(said[1], "\n")
				if ours != u.ours || theirs != u.theirs {
					t.Errorf("request %.300q\n got %s and %s\nwant %s and %s", row.fields, ours, theirs, u.ours, u.theirs)
				}
				return
			}
			if said[0] != said[1] {
				t.Errorf("request %.300q\n%s", row.fields, difference(said[0], said[1]))
			}
		})
	}
}

// ask2 sends one request on a connection of its own, and gives what came back for it.
func ask2(addr string, fields []string, body string) (string, error) {
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		return "", err
	}
	defer c.Close()
	var out bytes.Buffer
	out.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(&out, c)
	framer.AllowIllegalWrites = true
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 30})
	framer.WriteSettingsAck()
	framer.WriteWindowUpdate(0, 1<<30)
	list := []string{":scheme", "https"}
	if !slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, ":authority: ") }) {
		list = append(list, ":authority", "d.example")
	}
	for _, f := range slices.Backward(fields) {
		cut := strings.Index(f[1:], ":") + 1
		pair := []string{f[:cut], f[cut+2:]}
		if f[0] == ':' {
			list = append(pair, list...)
		}
	}
	for _, f := range fields {
		if f[0] != ':' {
			name, value, _ := strings.Cut(f, ": ")
			list = append(list, name, value)
		}
	}
	framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: headerBlock(list...), EndStream: body == "", EndHeaders: true})
	if body != "" {
		framer.WriteData(1, true, []byte(body))
	}
	if _, err := c.Write(out.Bytes()); err != nil {
		return "", err
	}
	var said, content strings.Builder
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return "", fmt.Errorf("after %q: %w", said.String(), err)
		}
		ended := false
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			var lines []string
			for _, field := range f.Fields {
				lines = append(lines, http2Name(field.Name)+": "+field.Value)
			}
			slices.SortStableFunc(lines, func(a, b string) int {
				x, _, _ := strings.Cut(a[1:], ":")
				y, _, _ := strings.Cut(b[1:], ":")
				return strings.Compare(a[:1]+x, b[:1]+y)
			})
			said.WriteString(strings.Join(lines, "\n") + "\n")
			ended = f.StreamEnded()
		case *http2.DataFrame:
			content.Write(f.Data())
			ended = f.StreamEnded()
		case *http2.RSTStreamFrame:
			said.WriteString("reset: " + f.ErrCode.String() + "\n")
			ended = true
		case *http2.GoAwayFrame:
			said.WriteString("away: " + f.ErrCode.String() + "\n")
			ended = true
		}
		if ended {
			return ids.ReplaceAllString(said.String()+content.String(), "${1}${2}${3}${4}${5}*"), nil
		}
	}
}

// http2Name spells the names of ids and days as HTTP/1.1 does.
func http2Name(name string) string {
	switch name {
	case "x-amz-cf-id":
		return "X-Amz-Cf-Id"
	case "date":
		return "Date"
	}
	return name
}

// headerBlock is names and values by turns, in HPACK.
func headerBlock(fields ...string) []byte {
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	enc.SetMaxDynamicTableSize(0)
	for i := 0; i < len(fields); i += 2 {
		enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return b.Bytes()
}
