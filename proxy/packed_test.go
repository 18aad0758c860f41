package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
)

// originSaying answers every request on a socket with the same bytes.
func originSaying(t *testing.T, answer func(path string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for in := bufio.NewReader(c); ; {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					io.WriteString(c, answer(r.URL.Path))
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// serveOn serves h on a socket by our front, and returns its address.
func serveOn(t *testing.T, s *front.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// askOn sends one request over a connection of its own. Ids are taken out.
func askOn(t *testing.T, address, method, path string, lines []string) (*http.Response, string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: a.example\r\n%s\r\n", method, path, strings.Join(append(lines, ""), "\r\n"))
	res, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Header.Get("X-Amz-Cf-Id")) != 56 || !strings.HasPrefix(res.Header.Get("Via"), "1.1 ") {
		t.Errorf("X-Amz-Cf-Id %q, Via %q", res.Header.Get("X-Amz-Cf-Id"), res.Header.Get("Via"))
	}
	res.Header.Del("X-Amz-Cf-Id")
	via := res.Header.Get("Via")
	res.Header.Set("Via", via[strings.Index(via, ".cloudfront.net"):])
	return res, string(body)
}

// A miss whose body came with its head goes out as it was packed for the store. Nobody
// may notice: through a ResponseWriter that takes headers only it is the same answer.
func TestPackedMissesLookLikeOthers(t *testing.T) {
	behavior := func(f func(*distribution.Behavior)) func(*distribution.Distribution) {
		return func(d *distribution.Distribution) { f(&d.Behaviors[0]) }
	}
	for _, row := range []struct {
		name    string
		status  string // of the origin; "": 200 OK
		said    []string
		change  func(*distribution.Distribution)
		method  string // "": GET
		path    string // "": one of its own
		sent    []string
		says    bool   // the front says keep-alive
		want    int    // status
		field   string // that the answer has, besides
		content string // "": hello
	}{
		{name: "XC-01: a plain one", want: 200, field: "X-Cache: Miss from cloudfront"},
		{name: "VARY-08: of a type that is compressed", said: []string{"Content-Type: text/css"}, want: 200, field: "Vary: Accept-Encoding"},
		{name: "XC-14: with a Via of the origin", said: []string{"Via: 1.1 origin"}, want: 200},
		{name: "XC-18: with an X-Amz-Cf-Pop of the origin", said: []string{"X-Amz-Cf-Pop: ABC1"}, want: 200, field: "X-Amz-Cf-Pop: ABC1"},
		{name: "XC-22: with fields of a connection", said: []string{"Connection: keep-alive", "Keep-Alive: timeout=5"}, want: 200},
		{name: "XC-06: with an Age of the origin", said: []string{"Age: 7"}, want: 200, field: "Age: 7"},
		{name: "not found", status: "404 Not Found", want: 404},
		{name: "without a Date", said: []string{"-Date"}, want: 200},
		{name: "CK-10: with a cookie that is not stored", said: []string{`Cache-Control: no-cache="Set-Cookie"`, "Set-Cookie: a=1"},
			change: behavior(func(b *distribution.Behavior) { b.Terms.Policy.Cookies.Mode = cachepolicy.All }), want: 200, field: "Set-Cookie: a=1"},
		{name: "RHP-01: with a response headers policy", change: behavior(func(b *distribution.Behavior) {
			b.ResponseHeaders = &distribution.ResponseHeadersPolicy{Set: []distribution.ResponseHeader{{Name: "X-Own", Value: "1"}}}
		}), want: 200, field: "X-Own: 1"},
		{name: "CER-03: the page of an error", status: "404 Not Found", change: func(d *distribution.Distribution) {
			d.ErrorResponses = []distribution.ErrorResponse{{Code: 404, Page: "/page", Status: 404}}
		}, want: 404, content: "the page"},
		{name: "ROOT-01: the default root object", path: "/", change: func(d *distribution.Distribution) { d.DefaultRootObject = "index.html" }, want: 200},
		{name: "COND-06: to a condition", said: []string{`ETag: "1"`}, sent: []string{`If-None-Match: "1"`}, want: 304, content: "-"},
		{name: "METH-01: to a HEAD", method: http.MethodHead, want: 200, content: "-"},
		{name: "RFC 9112 §9.6: on a connection that ends", sent: []string{"Connection: close"}, want: 200, field: "Connection: close"},
		{name: "ERR-07: where keep-alive is said", says: true, want: 200, field: "Connection: keep-alive"},
		{name: "an empty one", content: "-", want: 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			content := "hello"
			if row.content == "-" {
				content = ""
			} else if row.content != "" {
				content = row.content
			}
			url := originSaying(t, func(path string) string {
				status, body := "200 OK", content
				if row.status != "" && path != "/page" {
					status = row.status
				}
				said := "HTTP/1.1 " + status + "\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\n"
				for _, line := range row.said {
					if line == "-Date" {
						said = strings.Replace(said, "Date: Tue, 24 Nov 2026 10:00:00 GMT\r\n", "", 1)
						continue
					}
					said += line + "\r\n"
				}
				if row.method == http.MethodHead {
					return said + "\r\n"
				}
				return said + "\r\n" + body
			})
			d, err := distribution.Simple(url, cachepolicy.Selection{})
			if err != nil {
				t.Fatal(err)
			}
			if row.change != nil {
				row.change(d)
			}
			type answer struct {
				status int
				length int64
				close  bool
				coding []string
				header http.Header
				body   string
			}
			var answers [2][]answer // through each: the miss, and what comes next
			for i, hidden := range []bool{false, true} {
				edge, err := proxy.New(proxy.Config{Distributions: []*distribution.Distribution{d}, AnyHost: true, Now: func() time.Time { return epoch }})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { edge.Close() })
				s := &front.Server{Hitter: edge, Handler: edge, SayKeepAlive: row.says}
				if hidden {
					s.Hitter = nil
					s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { edge.ServeHTTP(struct{ http.ResponseWriter }{w}, r) })
				}
				path, method := row.path, row.method
				if path == "" {
					path = "/a"
				}
				if method == "" {
					method = http.MethodGet
				}
				address := serveOn(t, s)
				asks := 2
				if row.want == http.StatusNotModified {
					asks = 1 // what is left of the body is stored behind, and he does not wait for it
				}
				for range asks {
					res, body := askOn(t, address, method, path, row.sent)
					answers[i] = append(answers[i], answer{res.StatusCode, res.ContentLength, res.Close, res.TransferEncoding, res.Header, body})
				}
			}
			if !reflect.DeepEqual(answers[0], answers[1]) {
				t.Errorf("got  %+v\nwant %+v", answers[0], answers[1])
			}
			miss := answers[0][0]
			if miss.status != row.want || miss.body != content || miss.header.Get("Date") == "" {
				t.Errorf("got %d %q, want %d %q and a Date", miss.status, miss.body, row.want, content)
			}
			switch name, value, _ := strings.Cut(row.field, ": "); {
			case row.field == "":
			case row.field == "Connection: close" && miss.close:
			case !strings.Contains(strings.Join(miss.header[name], ", "), value):
				t.Errorf("got %v, want %s", miss.header, row.field)
			}
		})
	}
}
