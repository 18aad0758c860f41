package control

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"staleproof/proxy/control/cloudfront"
)

// TestGuard asks every path of the door, and some that it has not, as web pages and
// strangers would.
func TestGuard(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	h.Hosts = []string{"staleproof.test"}
	var err error
	if h.CloudFront, err = cloudfront.New(cloudfront.Options{Network: h.Network}); err != nil {
		t.Fatal(err)
	}
	handler := h.Handler()
	paths := []string{"/", "/nothing", "/2020-05-31/distribution", "/staleproof/v1/nothing"}
	for _, r := range h.routes() {
		paths = append(paths, r.path)
	}
	tests := []struct {
		name, host string
		header     []string
		refused    bool
	}{
		{"a loopback address", "127.0.0.1:9180", nil, false},
		{"another loopback address", "127.1.2.3", nil, false},
		{"the loopback address of IPv6", "[::1]:9180", nil, false},
		{"localhost", "localhost:9180", nil, false},
		{"a name of --control-host", "Staleproof.test:9180", nil, false},
		{"DNS rebinding", "evil.example:9180", nil, true},
		{"a name that looks like an address", "127.0.0.1.evil.example", nil, true},
		{"a name that begins like localhost", "localhost.evil.example", nil, true},
		{"an address that is not the connection's", "192.0.2.7:9180", nil, true},
		{"no host", "", nil, true},
		{"its own page", "127.0.0.1:9180", []string{"Origin", "http://127.0.0.1:9180", "Sec-Fetch-Site", "same-origin"}, false},
		{"another site's page", "127.0.0.1:9180", []string{"Origin", "http://evil.example"}, true},
		{"another port's page", "127.0.0.1:9180", []string{"Origin", "http://127.0.0.1:3000"}, true},
		{"a page without origin", "127.0.0.1:9180", []string{"Origin", "null"}, true},
		{"an empty origin", "127.0.0.1:9180", []string{"Origin", ""}, true},
		{"a page of another site that sends no Origin", "127.0.0.1:9180", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, true},
		{"a page of another port that sends no Origin", "127.0.0.1:9180", []string{"Sec-Fetch-Site", "same-site"}, true},
		{"a frame of another site", "127.0.0.1:9180", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, true},
		{"typed into a browser", "127.0.0.1:9180", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range paths {
				for _, method := range []string{"GET", "POST", "DELETE"} {
					if path == Prefix+"events" && method == "GET" && !tt.refused {
						continue // it does not end
					}
					r := httptest.NewRequest(method, path, strings.NewReader("?"))
					r.Host = tt.host
					for i := 0; i < len(tt.header); i += 2 {
						r.Header.Set(tt.header[i], tt.header[i+1])
					}
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r)
					if refused := w.Code == http.StatusForbidden; refused != tt.refused {
						t.Errorf("%s %s: %d %s, want refused: %v", method, path, w.Code, w.Body, tt.refused)
					}
				}
			}
		})
	}
}

// A link from another site may be followed, a form may not be sent.
func TestGuardLetsLinksThrough(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	for method, want := range map[string]int{"GET": 200, "POST": 403} {
		r := request(method, "clock", `{"advance": "1s"}`)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		r.Header.Set("Sec-Fetch-Dest", "document")
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", method, w.Code, want)
		}
	}
}

// On an address that others reach, the door answers to that address: no DNS can
// forge it.
func TestGuardKnowsTheConnectionsAddress(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	for host, want := range map[string]int{"192.0.2.7:9180": 200, "192.0.2.8:9180": 403} {
		r := request("GET", "clock", "")
		r.Host = host
		local := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 9180}
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local)))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", host, w.Code, want)
		}
	}
}

// No call reads more than its bound, whatever it is sent.
func TestBodiesAreBounded(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	large := `{"x": "` + strings.Repeat("x", maxBodyBytes) + `"}`
	for _, r := range h.routes() {
		if r.method != "POST" {
			continue
		}
		body := &counted{strings.NewReader(large), 0}
		req := httptest.NewRequest(r.method, "http://127.0.0.1"+r.path, body)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, req)
		if w.Code < 400 || body.n > maxBodyBytes+1<<16 {
			t.Errorf("%s %s: %d after %d bytes, want a refusal", r.method, r.path, w.Code, body.n)
		}
	}
	if status, body := h.call("POST", "reset", strings.Repeat(" ", maxBodyBytes+1)); status != 413 {
		t.Errorf("a body that is too large: %d %s, want 413", status, body)
	}
}

type counted struct {
	*strings.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// What looks like a file's name is refused, or is the text that it is.
func TestNoFileIsNamed(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "explain?url=file:///etc/passwd", "", 400, "is no full URL"},
		{"POST", "explain", `{"url": "file:///etc/passwd"}`, 400, "is no full URL"},
		{"POST", "faults", `{"type": "status", "attributes": {"status": 500, "body": "@/etc/passwd"}}`, 200, `"body": "@/etc/passwd"`},
		{"GET", "openapi.yaml/../../../etc/passwd", "", 404, ""},
		{"DELETE", "faults/..%2F..%2Fetc%2Fpasswd", "", 404, "there is no fault"},
	} {
		if status, body := h.call(tt.method, tt.path, tt.body); status != tt.status && status/100 != 3 || !strings.Contains(body, tt.want) || strings.Contains(body, "root:") {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, status, body)
		}
	}
}

// TestGuardSpeaksAsTheCallDoes: clients of AWS read XML, and say what it says.
func TestGuardSpeaksAsTheCallDoes(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	var err error
	if h.CloudFront, err = cloudfront.New(cloudfront.Options{Network: h.Network}); err != nil {
		t.Fatal(err)
	}
	handler := h.Handler()
	for path, want := range map[string]string{
		"/2020-05-31/distribution": "<Code>AccessDenied</Code><Message>this door does not answer to the host name evil.example; --control-host NAME lets it</Message>",
		Prefix + "clock":           `"error": "this door does not answer to the host name evil.example; --control-host NAME lets it"`,
	} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "evil.example"
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), want) {
			t.Errorf("API-26: %s: got %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
}
