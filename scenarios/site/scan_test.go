package site

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// foundIn scans text as a file of the media type and writes each reference in a line:
// line, kind, via, what was written.
func foundIn(mediaType, text string) (*scanner, string) {
	s := &scanner{src: []byte(text)}
	switch mediaType {
	case "html":
		s.html()
	case "css":
		s.css(0, s.src, Nested)
	case "js":
		s.script(0, s.src, Nested)
	case "manifest":
		s.manifest()
	}
	s.number()
	var lines []string
	for _, f := range s.found {
		lines = append(lines, fmt.Sprintf("%d %s %s %s", f.line, f.kind, f.via, f.raw))
	}
	return s, strings.Join(lines, "\n")
}

func TestReferencesAreFound(t *testing.T) {
	rows := []struct{ name, in, text, want string }{
		{"attributes in every quoting", "html", "<IMG SRC=a.png><img src='b.png'>\n<img src=\"c.png\"><img src = d.png >", "1 eager img src a.png\n1 eager img src b.png\n2 eager img src c.png\n2 eager img src d.png"},
		{"entities, and ampersands that are none", "html", `<img src="a.png?x=1&amp;y=2&copy=3">`, "1 eager img src a.png?x=1&y=2&copy=3"},
		{"the first of two equal attributes", "html", `<img src=a.png src=b.png>`, "1 eager img src a.png"},
		{"srcset with commas in a URL", "html", `<img srcset="a,b.png 1x, c.png 2x,d.png">`, "1 eager img srcset a,b.png\n1 eager img srcset c.png\n1 eager img srcset d.png"},
		{"lazy images", "html", `<img loading=lazy src=a.png>`, "1 lazy img src a.png"},
		{"links that are fetched", "html", `<link rel="shortcut icon" href=i.ico><link rel=stylesheet href=s.css><link rel=modulepreload href=m.js><link rel=preload href=p.woff2><link rel=manifest href=m.json><link rel=prefetch href=later.js>`,
			"1 eager link icon i.ico\n1 eager link stylesheet s.css\n1 eager link modulepreload m.js\n1 eager link preload p.woff2\n1 eager link manifest m.json\n1 lazy link prefetch later.js"},
		{"links that are not", "html", `<link rel=canonical href=a><link rel=preconnect href=//b><a href=c.html>c</a><link href=d>`, ""},
		{"what needs no request", "html", `<img src="data:image/png;base64,AA"><img src=""><use href="#a"><iframe src="about:blank"></iframe>`, ""},
		{"inline style and style blocks", "html", "<p style=\"background:url(&quot;a.png&quot;)\">\n<style>b{background:url(b.png)}</style>", "1 eager url() a.png\n2 eager url() b.png"},
		{"a comment is no reference", "html", `<!-- <img src=a.png> --><!-- x`, ""},
		{"a script that writes a tag", "html", `<script>document.write("<img src=a.png>")</script>`, ""},
		{"script text that looks like its end", "html", `<script>let a = "<!-- <script> </script>"</script><img src=b.png>`, "1 eager img src b.png"},
		{"inline module and dynamic import", "html", `<script type=module>import "./a.js"; import("./b.js")</script>`, "1 eager import ./a.js\n1 lazy import() ./b.js"},
		{"data blocks are no scripts", "html", `<script type="application/json">import("./b.js")</script>`, ""},
		{"an import map", "html", `<script type="importmap">{"imports":{"a":"/a.js","b":null},"scopes":{"/s/":{"c":"/c.js"}}}</script>`, "1 lazy import map /a.js\n1 lazy import map /c.js"},
		{"svg use and image", "html", `<svg><use xlink:href="s.svg#i"/><image href=a.png /></svg>`, "1 eager use xlink:href s.svg#i\n1 eager image href a.png"},

		{"url in every quoting", "css", "a{b:url(a.png)}\na{b:url( 'b.png' )}a{b:URL(\"c.png\")}", "1 nested url() a.png\n2 nested url() b.png\n2 nested url() c.png"},
		{"imports", "css", "@import 'a.css' layer(x) screen;@import url(b.css);", "1 nested @import a.css\n1 nested @import b.css"},
		{"image-set with and without url", "css", `a{b:image-set("a.png" 1x, url(b.png) type("image/png") 2x)}`, "1 nested image-set() a.png\n1 nested url() b.png"},
		{"fonts with a fragment", "css", `@font-face{src:url(a.eot?#iefix) format("eot")}`, "1 nested url() a.eot?#iefix"},
		{"a namespace names no file", "css", `@namespace url(http://www.w3.org/1999/xhtml);a{content:"x.png"}`, ""},
		{"a comment but for its source map", "css", "/* url(a.png) */\n/*# sourceMappingURL=a.css.map */", "2 lazy sourceMappingURL a.css.map"},
		{"escapes", "css", `a{b:url(a\28 1\29.png)}`, "1 nested url() a(1).png"},
		{"an unclosed url at the end", "css", `a{b:url(a.png`, "1 nested url() a.png"},

		{"static imports and exports", "js", "import './a.js'\nimport x, {y} from \"./b.js\"; export * from './c.js'; export {z} from './d.js'", "1 nested import ./a.js\n2 nested import ./b.js\n2 nested export from ./c.js\n2 nested export from ./d.js"},
		{"dynamic imports, also of templates", "js", "import('./a.js');import(`./b.js`);import(`./${c}.js`);import(d)", "1 lazy import() ./a.js\n1 lazy import() ./b.js"},
		{"URLs beside the module", "js", `new URL("a.png", import.meta.url); new URL("b", location)`, "1 lazy new URL a.png"},
		{"workers", "js", `new Worker("a.js"); new Worker(new URL("b.js", import.meta.url), {type:"module"}); new SharedWorker("c.js")`, "1 lazy Worker a.js\n1 lazy new URL b.js\n1 lazy Worker c.js"},
		{"importScripts and service workers", "js", `importScripts("a.js","b.js"); navigator.serviceWorker.register("/sw.js")`, "1 nested importScripts a.js\n1 nested importScripts b.js\n1 lazy serviceWorker.register /sw.js"},
		{"quotes in regular expressions", "js", `const a = /["'` + "`" + `]/g, b = 1 / 2; import("./c.js")`, "1 lazy import() ./c.js"},
		{"strings and comments are no imports", "js", `const a = "import('./a b')" // import('./b.js')`, ""},
		{"a source map", "js", "a()\n//# sourceMappingURL=a.js.map", "2 lazy sourceMappingURL a.js.map"},
		{"the same literal twice", "js", "f('./a.js')\nimport('./a.js')", "1 lazy string ./a.js\n2 lazy import() ./a.js"},

		{"icons of a manifest", "manifest", "{\"name\":\"x\",\n\"icons\":[{\"src\":\"a.png\",\"sizes\":\"1x1\"},{\"src\":\"b.png\"}],\"start_url\":\"/\"}", "2 lazy manifest src a.png\n2 lazy manifest src b.png"},
	}
	for _, r := range rows {
		t.Run(r.in+": "+r.name, func(t *testing.T) {
			if _, got := foundIn(r.in, r.text); got != r.want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", r.text, got, r.want)
			}
		})
	}
}

func TestWhatIsNotUnderstoodIsNoted(t *testing.T) {
	rows := []struct{ name, text, want string }{
		{"a broken script", "<p>\n<script>\nlet = = 1</script>", "script not understood"},
		{"a broken import map", "<script type=importmap>{nope}</script>", "import map not understood"},
	}
	for _, r := range rows {
		s, _ := foundIn("html", r.text)
		if len(s.notes) != 1 || !strings.Contains(s.notes[0].Text, r.want) || s.notes[0].Line == 0 {
			t.Errorf("%s: got notes %v, want one with %q and its line", r.name, s.notes, r.want)
		}
	}
}

// Every span is in the text, spans do not overlap, and a span of plain characters is
// the reference itself.
func checkSpans(t interface{ Fatalf(string, ...any) }, in, text string) {
	s, _ := foundIn(in, text)
	last := 0
	for _, f := range s.found {
		if f.start < last || f.end < f.start || f.end > len(text) {
			t.Fatalf("%s %q: span %d-%d after %d", in, text, f.start, f.end, last)
		}
		last = f.end
		if got := text[f.start:f.end]; got != f.raw && !strings.ContainsAny(got, "&\\ \t\r\n\f\"") && strings.Trim(got, " \t\r\n\f") != f.raw {
			t.Fatalf("%s %q: span holds %q, reference is %q", in, text, got, f.raw)
		}
	}
}

func TestSpansOfRandomText(t *testing.T) {
	piece := rapid.SampledFrom([]string{"<img src=", "a.png", `"`, "'", ">", " ", "&amp;", "&eacute;", "<style>", "</style>", "url(", ")", "@import ", ";", "{", "}", "<script>", "</script>", "import(", "import ", "new URL(", ", import.meta.url)", "/", "*/", "/*", "`", "${", "\\", "<!--", "-->", "srcset=", ",", "style=", "\n", "é", "\x00"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "text"), "")
		for _, in := range []string{"html", "css", "js", "manifest"} {
			checkSpans(t, in, text)
		}
	})
}

func FuzzScan(f *testing.F) {
	for _, in := range []string{"html", "css", "js", "manifest"} {
		f.Add(in, `<img srcset="a 1x, b">@import "x";import("y"){"src":"z"}`)
	}
	f.Fuzz(func(t *testing.T, in, text string) { checkSpans(t, in, text) })
}
