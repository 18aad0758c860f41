package report

import "testing"

// TestThing names files for people, with a hash wherever build tools put it.
func TestThing(t *testing.T) {
	for _, r := range []struct{ name, url, want string }{
		{"css", "/v2/css", "the style sheet"},
		{"", "/css/site.css?v=2", "the style sheet"},
		{"", "/site.css.1442b644", "the style sheet"},
		{"", "/css.1442b644", "the style sheet"},
		{"app.js", "/assets/app-Kzr5FZpi", "the script"},
		{"", "/assets/app-Kzr5FZpi", "the file"},
		{"", "/assets/app-Kzr5FZpi.js", "the script"},
		{"", "/i/photo.js.9f8e7d.png", "the picture"},
		{"", "/fonts/inter-4c2f91.woff2", "the font"},
		{"", "/data/list.5d41402a.json", "the file"},
		{"index.html", "/", "the page"},
		{"", "/about", "the page"},
		{"", "/about-us", "the page"},
	} {
		if got := thing(r.name, r.url); got != r.want {
			t.Errorf("%q at %s: got %s, want %s", r.name, r.url, got, r.want)
		}
	}
}
