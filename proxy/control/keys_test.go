package control

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// Pages of every size have every key of every tier once, tier by tier.
func TestKeysByPages(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	for i := range 5 {
		h.get(fmt.Sprintf("http://d.example/%d", i), "1")
	}
	h.get("http://d.example/0", "2")
	const all = "regional/0 regional/1 regional/2 regional/3 regional/4 FRA56-P1/0 FRA56-P1/1 FRA56-P1/2 FRA56-P1/3 FRA56-P1/4 IAD89-C1/0"
	for limit := 1; limit <= 12; limit++ {
		var got []string
		next := ""
		for pages := 0; pages == 0 || next != "" && pages < 20; pages++ {
			status, body := h.call("GET", fmt.Sprintf("keys?limit=%d&after=%s", limit, url.QueryEscape(next)), "")
			var page Keys
			if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 || len(page.Keys) > limit {
				t.Fatalf("pages of %d: %d %s", limit, status, body)
			}
			for _, k := range page.Keys {
				got = append(got, k.POP+k.URI)
			}
			next = page.Next
		}
		if s := strings.Join(got, " "); s != all {
			t.Errorf("pages of %d:\n got %s\nwant %s", limit, s, all)
		}
	}
}

func TestKeysAreChosen(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	h.get("http://d.example/a/1", "1")
	h.get("http://d.example/b/1", "1")
	tests := []struct {
		query  string
		status int
		want   string // URIs, or in the error
	}{
		{"pop=1", 200, "/a/1 /b/1"},
		{"pop=2", 200, ""},
		{"pop=regional&path=/a/*", 200, "/a/1"},
		{"pop=1&path=/b/1", 200, "/b/1"},
		{"pop=3", 400, "pop: there is no edge location"},
		{"path=b", 400, "path: "},
		{"limit=0", 400, "limit: "},
		{"limit=1001", 400, "limit: "},
		{"limit=x", 400, "limit: "},
		{"after=x", 400, "after: "},
		{"pop=1&after=" + cursor{"regional", "x"}.String(), 400, "after: "},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			status, body := h.call("GET", "keys?"+tt.query, "")
			if status != tt.status {
				t.Fatalf("got %d %s", status, body)
			}
			if status != 200 {
				if !strings.Contains(body, tt.want) {
					t.Errorf("got %s, want %q", body, tt.want)
				}
				return
			}
			var page Keys
			if err := json.Unmarshal([]byte(body), &page); err != nil {
				t.Fatal(err)
			}
			var uris []string
			for _, k := range page.Keys {
				uris = append(uris, k.URI)
			}
			if got := strings.Join(uris, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestForgetOneTier(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	h.get("http://d.example/a", "1")
	for _, tt := range []struct{ body, want string }{
		{`{"path": "/a", "pop": "regional"}`, `"forgotten": 1`}, {`{"path": "/a", "pop": "2"}`, `"forgotten": 0`},
		{`{"path": "/*"}`, `"forgotten": 1`}, {`{"path": "a"}`, `path: `}, {`{}`, `path: say which`}, {`{"path": "/a", "pop": "9"}`, `pop: `},
	} {
		if _, body := h.call("POST", "forget", tt.body); !strings.Contains(body, tt.want) {
			t.Errorf("%s: got %s, want %s", tt.body, body, tt.want)
		}
	}
}
