package command

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"staleproof/proxy/distribution"
)

// TestStore: what a store is asked for, and with what.
func TestStore(t *testing.T) {
	var asked *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = r }))
	defer server.Close()
	for _, tt := range []struct {
		name, endpoint, where, origin, path string
		want                                string
	}{
		{"path style", "", "s3://assets", "", "/a.css", "/assets/a.css"},
		{"with a prefix and the origin's path", "/", "s3://assets/v%2/", "/prod", "/a.css", "/assets/v%252/prod/a.css"},
		{"under a path", "/storage/v1/", "s3://assets", "", "/a%20b.css?x=%2f", "/storage/v1/assets/a%20b.css?x=%2f"},
		{"byte for byte", "", "s3://assets", "", "/a+b/%7e//c", "/assets/a+b/%7e//c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := readObjectStore(server.URL + tt.endpoint)
			if err != nil {
				t.Fatal(err)
			}
			s.sign = nil
			ask(t, s, tt.where, tt.origin, tt.path)
			if asked.RequestURI != tt.want || asked.Host != server.Listener.Addr().String() || asked.Header.Get("Authorization") != "" {
				t.Errorf("asked for %s of %s with %v, want %s", asked.RequestURI, asked.Host, asked.Header, tt.want)
			}
		})
	}
	t.Run("signed", func(t *testing.T) {
		s, err := readObjectStore(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		s.sign = signer(lookup(map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}), time.Now)
		ask(t, s, "s3://assets", "/prod", "/a+b/%7e/c%C3%A4")
		if want := "/assets/prod/a%2Bb/~/c%C3%A4"; asked.RequestURI != want || asked.Header.Get("Authorization") == "" || asked.Header.Get("X-Amz-Date") == "" {
			t.Errorf("asked for %s with %v, want %s", asked.RequestURI, asked.Header, want)
		}
	})
}

func ask(t *testing.T, s *objectStore, where, originPath, path string) {
	t.Helper()
	open, err := s.door(where)
	if err != nil {
		t.Fatal(err)
	}
	door, err := open(distribution.Origin{ID: "o", Domain: "assets.s3.eu-central-1.amazonaws.com", Path: originPath})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodGet, "http://assets.s3.eu-central-1.amazonaws.com"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "www.example.com"
	res, err := door.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

// TestSignature has values of another implementation of SigV4, written for it with
// Python's hmac.
func TestSignature(t *testing.T) {
	const (
		begin = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260301/eu-central-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date"
		key   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	)
	for _, tt := range []struct {
		name  string
		env   map[string]string
		query string
		want  string
	}{
		{"a key", map[string]string{"AWS_REGION": "eu-central-1"}, "", begin + ", Signature=51aef824e10038e791c871f3c2c1424f28c1d8c0d37b6198646e24cc105d18db"},
		{"a session", map[string]string{"AWS_DEFAULT_REGION": "eu-central-1", "AWS_SESSION_TOKEN": "token"}, "a=b&c=",
			begin + ";x-amz-security-token, Signature=c84c142ec1503f71f35f045805b346a357328e564ed6c5816636a23adf7af42e"},
	} {
		tt.env["AWS_ACCESS_KEY_ID"], tt.env["AWS_SECRET_ACCESS_KEY"] = "AKIAIOSFODNN7EXAMPLE", key
		sign := signer(lookup(tt.env), func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) })
		r, _ := http.NewRequest(http.MethodGet, "http://127.0.0.1:9000/assets/prod/a%20b.css?"+tt.query, nil)
		if err := sign(r); err != nil {
			t.Fatal(err)
		}
		if got := r.Header.Get("Authorization"); got != tt.want {
			t.Errorf("%s:\n%s, want\n%s", tt.name, got, tt.want)
		}
	}
	if signer(lookup(map[string]string{"AWS_ACCESS_KEY_ID": "a"}), time.Now) != nil {
		t.Error("half a pair of credentials signs")
	}
}

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}
