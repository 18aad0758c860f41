package cachepolicy

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestCompression(t *testing.T) {
	optimized, _ := ManagedPolicy("CachingOptimized")
	gzipOnly, brotliOnly, neither, disabled := optimized, optimized, optimized, optimized
	gzipOnly.Brotli, brotliOnly.Gzip = false, false
	neither.Gzip, neither.Brotli = false, false
	disabled.MinTTL, disabled.DefaultTTL, disabled.MaxTTL = 0, 0, 0
	type change func(t *Terms, r *Request, reply *Reply, on *bool)
	set := func(name, value string) change {
		return func(_ *Terms, _ *Request, reply *Reply, _ *bool) {
			reply.Header = reply.Header.Clone()
			reply.Header.Del(name)
			if value != "" {
				reply.Header.Set(name, value)
			}
		}
	}
	accept := func(v string) change {
		return func(_ *Terms, r *Request, _ *Reply, _ *bool) { r.Header = http.Header{"Accept-Encoding": {v}} }
	}
	under := func(p Policy) change { return func(t *Terms, _ *Request, _ *Reply, _ *bool) { t.Policy = p } }
	status := func(n int) change { return func(_ *Terms, _ *Request, reply *Reply, _ *bool) { reply.Status = n } }
	tests := []struct {
		name   string
		change change
		want   Compression
	}{
		{"CMP-02: both accepted, both on: br", accept("gzip, br"), Compression{"br", Compressed}},
		{"CMP-01: gzip accepted", accept("gzip"), Compression{"gzip", Compressed}},
		{"CMP-01: gzip flag only", under(gzipOnly), Compression{"gzip", Compressed}},
		{"CMP-01: brotli flag only", under(brotliOnly), Compression{"br", Compressed}},
		{"CMP-01: no flag", under(neither), Compression{"", CompressNoFlag}},
		{"CMP-01: Compress off", func(_ *Terms, _ *Request, _ *Reply, on *bool) { *on = false }, Compression{"", CompressOff}},
		{"CMP-01: nothing accepted", accept("deflate"), Compression{"", CompressNotAsked}},
		{"CMP-03: 999 bytes", set("Content-Length", "999"), Compression{"", CompressSize}},
		{"CMP-03: 1,000 bytes", set("Content-Length", "1000"), Compression{"br", Compressed}},
		{"CMP-03: 10,000,000 bytes", set("Content-Length", "10000000"), Compression{"br", Compressed}},
		{"CMP-03: 10,000,001 bytes", set("Content-Length", "10000001"), Compression{"", CompressSize}},
		{"CMP-04: no length", set("Content-Length", ""), Compression{"", CompressNoLength}},
		{"CMP-04: an invalid length", set("Content-Length", "many"), Compression{"", CompressNoLength}},
		{"CMP-05: 404", status(404), Compression{"br", Compressed}},
		{"CMP-05: 403", status(403), Compression{"br", Compressed}},
		{"CMP-05: 500", status(500), Compression{"", CompressStatus}},
		{"CMP-05: 206", status(206), Compression{"", CompressStatus}},
		{"CMP-06: the origin's own coding", set("Content-Encoding", "identity"), Compression{"", CompressEncoded}},
		{"CMP-12, D-13: nothing cached", under(disabled), Compression{"", CompressNoTTL}},
		{"D-13: nothing cached, the other reading", func(t *Terms, _ *Request, _ *Reply, _ *bool) {
			t.Policy, t.Emulation.CompressWithoutTTL = disabled, true
		}, Compression{"br", Compressed}},
		{"CMP-16: not on the list", set("Content-Type", "application/manifest+json"), Compression{"", CompressType}},
		{"CMP-16: woff2", set("Content-Type", "font/woff2"), Compression{"", CompressType}},
		{"CMP-17: parameters do not matter", set("Content-Type", "text/html; charset=utf-8"), Compression{"br", Compressed}},
		{"CMP-17: no type", set("Content-Type", ""), Compression{"", CompressNoType}},
		{"AE-11: legacy settings, gzip only", func(t *Terms, _ *Request, _ *Reply, _ *bool) { t.Legacy = true }, Compression{"gzip", Compressed}},
		{"a HEAD has no body", func(_ *Terms, r *Request, _ *Reply, _ *bool) { r.Method = "HEAD" }, Compression{"", CompressNotFetched}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			terms, on := &Terms{Policy: optimized}, true
			r := &Request{Method: "GET", Path: "/a", Header: http.Header{"Accept-Encoding": {"gzip, deflate, br"}}}
			reply := Reply{Status: 200, Header: http.Header{"Content-Type": {"text/css"}, "Content-Length": {"2000"}}}
			tt.change(terms, r, &reply, &on)
			if got := terms.Compression(on, r, reply); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestCompressibleTypes(t *testing.T) {
	if !slices.IsSorted(compressible) {
		t.Error("the list is not sorted, so looking in it finds too little")
	}
	application, vendor := 0, 0
	for _, c := range compressible {
		if strings.HasPrefix(c, "application/") {
			application++
		} else {
			vendor++
		}
		if !Compressible(c) {
			t.Errorf("%s is on the list and not found", c)
		}
	}
	t.Run("CMP-14: 30 types of application/", func(t *testing.T) {
		if application != 30 || !Compressible("application/wasm") || Compressible("application/zip") {
			t.Errorf("got %d types, or wasm is none of them, or zip is", application)
		}
	})
	t.Run("CMP-15: 18 other types", func(t *testing.T) {
		if vendor != 18 || !Compressible("image/svg+xml") || Compressible("image/png") {
			t.Errorf("got %d types, or svg is none of them, or png is", vendor)
		}
	})
}

func TestSetCompressed(t *testing.T) {
	tests := []struct{ name, etag, want string }{
		{"CMP-08, CMP-13: strong becomes weak, and there is no length", `"a"`, `W/"a"`},
		{"CMP-09: weak stays", `W/"a"`, `W/"a"`},
		{"CMP-09: neither is removed", `a`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{"Etag": {tt.etag}, "Content-Length": {"2000"}}
			for _, time := range []string{"once", "twice"} {
				SetCompressed(h, "br")
				if got := h.Get("Etag"); got != tt.want {
					t.Errorf("%s: ETag %s: got %q, want %q", time, tt.etag, got, tt.want)
				}
				if h.Get("Content-Length") != "" || h.Get("Content-Encoding") != "br" {
					t.Errorf("%s: CMP-13: got %v, want br and no length", time, h)
				}
			}
		})
	}
}

func TestAddVaryEncoding(t *testing.T) {
	tests := []struct{ name, vary, want string }{
		{"VARY-08: added", "", "Accept-Encoding"},
		{"VARY-08: added behind others", "Cookie", "Cookie, Accept-Encoding"},
		{"already there", "accept-encoding", "accept-encoding"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := http.Header{}
			if tt.vary != "" {
				in.Set("Vary", tt.vary)
			}
			AddVaryEncoding(in)
			if got := in.Get("Vary"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
