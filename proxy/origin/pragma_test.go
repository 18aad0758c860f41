package origin

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"staleproof/proxy/distribution"
)

func TestPragma(t *testing.T) {
	tests := []struct {
		name string
		sent http.Header
		want []string
	}{
		{"TTL-23: Pragma alone makes no Cache-Control", http.Header{"Pragma": {"no-cache"}}, nil},
		{"TTL-23: a Cache-Control that was sent stays", http.Header{"Pragma": {"no-cache"}, "Cache-Control": {"no-cache"}}, []string{"no-cache"}},
		{"TTL-23: also without Pragma", http.Header{"Cache-Control": {"no-cache"}}, []string{"no-cache"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for name, values := range tt.sent {
					w.Header()[name] = values
				}
			}))
			defer server.Close()
			door, err := New(distribution.Origin{ID: "web", Domain: "web.example", URL: server.URL, ConnectionAttempts: 1})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, "http://web.example/", nil)
			r.RequestURI = ""
			res, err := door.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if got := res.Header["Cache-Control"]; fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("sent %v: got Cache-Control %q, want %q", tt.sent, got, tt.want)
			}
		})
	}
}
