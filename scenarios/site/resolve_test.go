package site

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// site makes a build of files given as path, text, path, text …
func site(t testing.TB, name string, o Options, pathsAndTexts ...string) *Build {
	t.Helper()
	files := map[string][]byte{}
	for i := 0; i < len(pathsAndTexts); i += 2 {
		files[pathsAndTexts[i]] = []byte(pathsAndTexts[i+1])
	}
	b, err := FromFiles(name, files, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReferencesAreResolvedAndClassified(t *testing.T) {
	rows := []struct {
		name  string
		o     Options
		files []string
		want  string // from: raw -> url class [target]
	}{
		{"relative, absolute, with query and fragment", Options{}, []string{"a/index.html", `<img src=x.png><img src=../x.png?w=1#f><img src="/a/./x.png">`, "a/x.png", "", "x.png", ""},
			"a/index.html: x.png -> /a/x.png bare a/x.png\na/index.html: ../x.png?w=1#f -> /x.png?w=1 bare x.png\na/index.html: /a/./x.png -> /a/x.png bare a/x.png"},
		{"base href", Options{}, []string{"index.html", `<base href="/a/"><img src=x.png>`, "a/x.png", ""}, "index.html: x.png -> /a/x.png bare a/x.png"},
		{"foreign and own hosts", Options{Hosts: []string{"cdn.example"}}, []string{"index.html", `<img src="https://CDN.example/x.png"><img src="//other.example/x.png">`, "x.png", ""},
			"index.html: https://CDN.example/x.png -> /x.png bare x.png\nindex.html: //other.example/x.png -> //other.example/x.png foreign "},
		{"served below a base", Options{Base: "/app"}, []string{"index.html", `<img src="/app/x.png"><img src="/x.png">`, "x.png", ""},
			"index.html: /app/x.png -> /app/x.png bare x.png\nindex.html: /x.png -> /x.png absent "},
		{"absent and unreadable", Options{}, []string{"index.html", `<img src=gone.png><img src="%zz"><script type=module>import "lodash"</script>`},
			"index.html: gone.png -> /gone.png absent \nindex.html: %zz ->  unreadable \nindex.html: lodash ->  unreadable "},
		{"names of an import map, its prefixes and scopes", Options{}, []string{"index.html", `<script type=importmap>{"imports":{"a":"./a.js","lib/":"/lib/"},"scopes":{"/lib/":{"a":"/lib/other.js"}}}</script><script type=module>import "a"; import "lib/b.js"</script>`, "a.js", "", "lib/b.js", `import "a"`, "lib/other.js", ""},
			"index.html: ./a.js -> /a.js bare a.js\nindex.html: /lib/ -> /lib/ absent \nindex.html: /lib/other.js -> /lib/other.js bare lib/other.js\nindex.html: a -> /a.js bare a.js\nindex.html: lib/b.js -> /lib/b.js bare lib/b.js\nlib/b.js: a -> /lib/other.js bare lib/other.js"},
		{"the longest scope of an import map counts", Options{}, []string{"index.html", `<script type=importmap>{"scopes":{"/lib/":{"a":"/1.js"},"/lib/deep/":{"a":"/2.js"}}}</script><script src=/lib/deep/x.js></script>`, "lib/deep/x.js", `import "a"`, "1.js", "", "2.js", ""},
			"index.html: /1.js -> /1.js bare 1.js\nindex.html: /2.js -> /2.js bare 2.js\nindex.html: /lib/deep/x.js -> /lib/deep/x.js bare lib/deep/x.js\nlib/deep/x.js: a -> /2.js bare 2.js"},
		{"workers are looked for beside the page, modules beside themselves", Options{}, []string{"index.html", `<script src=js/a.js></script>`, "js/a.js", `new Worker("w.js"); new URL("w.js", import.meta.url)`, "w.js", "", "js/w.js", ""},
			"index.html: js/a.js -> /js/a.js bare js/a.js\njs/a.js: w.js -> /w.js bare w.js\njs/a.js: w.js -> /js/w.js bare js/w.js"},
		{"strings that are the path of a file", Options{Base: "/app/"}, []string{"index.html", `<script src=js/a.js></script>`, "js/a.js", `f(["x/b-1.css","/app/x/c.png","none.js","x/b-1.css is here"])`, "x/b-1.css", "a{b:url(c.png)}", "x/c.png", ""},
			"index.html: js/a.js -> /app/js/a.js bare js/a.js\njs/a.js: x/b-1.css -> /app/x/b-1.css bare x/b-1.css\njs/a.js: /app/x/c.png -> /app/x/c.png bare x/c.png\nx/b-1.css: c.png -> /app/x/c.png bare x/c.png"},
		{"a table of the hashes in chunks' names", Options{Base: "/app/"}, []string{"index.html", `<script src=js/a.be02e697.js></script>`,
			"js/a.be02e697.js", `f(e=>"js/"+e+"."+{1:"8ec1f2e6",2:"790fc850",3:"0000aaaa",4:"be02e697"}[e]+".js"); g(e=>"js/"+e+".1deadbee.js"); h("js/1.8ec1f2e6.js")`,
			"js/1.8ec1f2e6.js", "", "js/2.790fc850.js", "", "css/2.790fc850.css", "", "js/3.1deadbee.js", "", "img/0000aaaa.png", ""},
			"index.html: js/a.be02e697.js -> /app/js/a.be02e697.js versioned js/a.be02e697.js\n" +
				"js/a.be02e697.js: 8ec1f2e6 -> /app/js/1.8ec1f2e6.js versioned js/1.8ec1f2e6.js\n" +
				"js/a.be02e697.js: 790fc850 -> /app/css/2.790fc850.css versioned css/2.790fc850.css\n" +
				"js/a.be02e697.js: 790fc850 -> /app/js/2.790fc850.js versioned js/2.790fc850.js\n" +
				"js/a.be02e697.js: .1deadbee.js -> /app/js/3.1deadbee.js versioned js/3.1deadbee.js\n" +
				"js/a.be02e697.js: js/1.8ec1f2e6.js -> /app/js/1.8ec1f2e6.js versioned js/1.8ec1f2e6.js"},
		{"chunks that Turbopack names, with the query of the script", Options{Base: "/app/"}, []string{"index.html", `<script src="/app/_next/static/chunks/a.js?dpl=1"></script>`,
			"_next/static/chunks/a.js", `(globalThis.TURBOPACK||(globalThis.TURBOPACK=[])).push(["static/chunks/b.js","none/b.js","static/c.css?x","b.js"])`,
			"_next/static/chunks/b.js", `f("static/c.css")`, "_next/static/c.css", ""},
			"_next/static/chunks/a.js: static/chunks/b.js -> /app/_next/static/chunks/b.js?dpl=1 versioned _next/static/chunks/b.js\n" +
				"_next/static/chunks/a.js: static/c.css?x -> /app/_next/static/c.css?x versioned _next/static/c.css\n" +
				"index.html: /app/_next/static/chunks/a.js?dpl=1 -> /app/_next/static/chunks/a.js?dpl=1 versioned _next/static/chunks/a.js"},
		{"a bare reference in a versioned file", Options{}, []string{"index.html", `<link rel=stylesheet href="/s.css?v=2">`, "s.css", "a{b:url(x.png)}", "x.png", ""},
			"index.html: /s.css?v=2 -> /s.css?v=2 versioned s.css\ns.css: x.png -> /x.png bare x.png"},
		{"an absolute reference leaves the versioned directory", Options{}, []string{"index.html", `<link rel=stylesheet href="/v2/s.css">`, "v2/s.css", "a{b:url(/x.png)}c{d:url(y.png)}", "x.png", "", "v2/y.png", ""},
			"index.html: /v2/s.css -> /v2/s.css versioned v2/s.css\nv2/s.css: /x.png -> /x.png escapes the versioned directory x.png\nv2/s.css: y.png -> /v2/y.png versioned v2/y.png"},
		{"a directory that the server removes", Options{Strip: regexp.MustCompile(`^version\d+/`)}, []string{"index.html", `<link rel=stylesheet href="/version147/s.css">`, "s.css", "a{b:url(y.png)}", "y.png", ""},
			"index.html: /version147/s.css -> /version147/s.css versioned s.css\ns.css: y.png -> /version147/y.png versioned y.png"},
		{"a forgotten bump", Options{}, []string{"index.html", `<link rel=stylesheet href="s.css?v=2"><img src="x.png?v=2">`, "s.css", "a{b:url(x.png?v=1)}", "x.png", ""},
			"index.html: s.css?v=2 -> /s.css?v=2 versioned s.css\nindex.html: x.png?v=2 -> /x.png?v=2 versioned x.png\ns.css: x.png?v=1 -> /x.png?v=1 versioned, another release x.png"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var lines []string
			for _, x := range site(t, "1", r.o, r.files...).References() {
				lines = append(lines, fmt.Sprintf("%s: %s -> %s %s %s", x.From, x.Raw, x.URL, x.Class, x.Target))
			}
			if got := strings.Join(lines, "\n"); got != r.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, r.want)
			}
		})
	}
}

func TestWhatNoPageLeadsToIsUnreachable(t *testing.T) {
	b := site(t, "1", Options{}, "index.html", `<script src=a.js></script>`, "a.js", "import('./b.js')\n//# sourceMappingURL=a.js.map", "b.js", "", "a.js.map", "{}", "old.js", `import "./b.js"`)
	want := map[string]bool{"index.html a.js": true, "a.js b.js": true, "a.js a.js.map": false, "old.js b.js": false}
	refs := b.References()
	if len(refs) != len(want) {
		t.Fatalf("got %d references, want %d", len(refs), len(want))
	}
	for _, r := range refs {
		reachable, known := want[r.From+" "+r.Target]
		if !known || r.Reachable != reachable {
			t.Errorf("%s -> %s: reachable %v, want %v", r.From, r.Target, r.Reachable, reachable)
		}
	}
}

func TestPagesThatNameEachOtherEnd(t *testing.T) {
	b := site(t, "1", Options{}, "index.html", `<iframe src=a.html></iframe>`, "a.html", `<iframe src="/"></iframe><script src=a.js></script>`, "a.js", `import "./b.js"`, "b.js", `import "./a.js"`)
	if n := len(b.References()); n != 5 {
		t.Errorf("got %d references, want 5", n)
	}
}

func TestLocate(t *testing.T) {
	b := site(t, "1", Options{Base: "/app/", Hosts: []string{"x.example"}, Strip: regexp.MustCompile(`^v\d+/`)}, "index.html", "", "d/index.html", "", "a b.css", "", "v1/real.css", "")
	rows := []struct{ url, want string }{
		{"/app/", "index.html"}, {"/app/d/", "d/index.html"}, {"/app/d", ""}, {"/app/a%20b.css?v=3", "a b.css"}, {"/a%20b.css", ""},
		{"/app/v7/a%20b.css", "a b.css"}, {"/app/v1/real.css", "v1/real.css"}, {"/app/v2/real.css", ""}, {"/app/v7/v7/a%20b.css", ""},
		{"https://x.example/app/", "index.html"}, {"https://y.example/app/", ""}, {"/app/../app/", ""}, {"%zz", ""}, {"", ""},
	}
	for _, r := range rows {
		got := ""
		if f, ok := b.Locate(r.url); ok {
			got = f.Path
		}
		if got != r.want {
			t.Errorf("%q: got file %q, want %q", r.url, got, r.want)
		}
	}
}

// A relative reference leads to where it was made to lead.
func TestRelativeLeadsThere(t *testing.T) {
	path := rapid.Custom(func(t *rapid.T) string {
		return "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c.css"}), 1, 4).Draw(t, "segments"), "/")
	})
	rapid.Check(t, func(t *rapid.T) {
		from, to := path.Draw(t, "from"), path.Draw(t, "to")
		u, err := join(from, relative(from, to))
		if err != nil || u.Path != to {
			t.Fatalf("from %s to %s: %q leads to %v (%v)", from, to, relative(from, to), u, err)
		}
	})
}
