package proxy_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// TestOpen: doors are opened by Config.Open with the origin's settings, once in the
// regional edge cache, again when they change; what cannot be opened is not served.
func TestOpen(t *testing.T) {
	var opened []string
	d := optimized()
	nw, err := proxy.NewNetwork(proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, MemoryBytes: 8 << 20, Now: func() time.Time { return epoch },
		Open: func(o distribution.Origin) (http.RoundTripper, error) {
			opened = append(opened, o.ID+o.Path)
			if o.Path == "/broken" {
				return nil, errors.New("no such thing")
			}
			return proxy.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(o.ID + o.Path)) })), nil
		},
	}, 2, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nw.Close() })
	l := live{t, nw}
	id := d.Origins[0].ID
	at := func(path string) *distribution.Distribution {
		next := *d
		next.Origins = slices.Clone(d.Origins)
		next.Origins[0].Path = path
		return &next
	}
	l.want("/a", "OK Miss "+id)
	l.serve(at(""))
	l.serve(at("/new"))
	l.want("/b", "OK Miss "+id+"/new")
	if err := l.Serve([]*distribution.Distribution{at("/broken")}); err == nil {
		t.Error("an origin that cannot be opened is served")
	}
	l.want("/c", "OK Miss "+id+"/new")
	if want := []string{id, id + "/new", id + "/broken"}; !slices.Equal(opened, want) {
		t.Errorf("opened %q, want %q", opened, want)
	}
}
