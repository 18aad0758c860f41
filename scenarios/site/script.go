package site

import (
	"bytes"
	"path"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// script finds the literal references of a script that stands at offset at of the
// file; static is the kind of its import statements.
func (s *scanner) script(at int, text []byte, static Kind) {
	src := append(make([]byte, 0, len(text)+1), text...) // the parser writes a byte behind it
	ast, err := js.Parse(parse.NewInputBytes(src), js.Options{})
	if err != nil {
		s.note(at, "script not understood, its references are unknown: "+firstLine(err.Error()))
		return
	}
	js.Walk(&scriptVisitor{scanner: s, at: at, src: src, static: static}, ast)
	for _, m := range sourceMap().FindAllSubmatchIndex(src, -1) {
		if lineComment(src, m[0]) {
			s.add(found{start: at + m[2], end: at + m[3], raw: string(src[m[2]:m[3]]), kind: Lazy, via: ViaSourceMap})
		}
	}
}

// lineComment says whether the mark at i stands right behind // or /*.
func lineComment(src []byte, i int) bool {
	return i >= 2 && (string(src[i-2:i]) == "//" || string(src[i-2:i]) == "/*")
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// scriptVisitor looks at the statements and calls that load other files.
type scriptVisitor struct {
	scanner *scanner
	at      int
	src     []byte
	static  Kind
}

// Exit does nothing: what matters is seen on entering.
func (v *scriptVisitor) Exit(js.INode) {}

// Enter looks at one node.
func (v *scriptVisitor) Enter(n js.INode) js.IVisitor {
	switch n := n.(type) {
	case *js.ImportStmt:
		v.add(n.Module, found{kind: v.static, via: "import", module: true})
	case *js.ExportStmt:
		v.add(n.Module, found{kind: v.static, via: "export from", module: true})
	case *js.CallExpr:
		v.call(n)
	case *js.NewExpr:
		v.create(n)
	case *js.LiteralExpr:
		switch lit := literal(n); {
		case namesFile(lit):
			v.add(lit, found{kind: Lazy, via: ViaString, guess: true})
		case len(lit) > 2 && looksHashed(string(lit[1:len(lit)-1])):
			v.add(lit, found{kind: Lazy, via: ViaPart, guess: true})
		}
	}
	return v
}

// call looks at import(…), importScripts(…) and navigator.serviceWorker.register(…).
func (v *scriptVisitor) call(n *js.CallExpr) {
	callee := nameOf(n.X)
	for i, arg := range n.Args.List {
		lit := literal(arg.Value)
		switch {
		case callee == "import" && i == 0:
			v.add(lit, found{kind: Lazy, via: "import()", module: true})
		case callee == "importScripts" || callee == "self.importScripts":
			v.add(lit, found{kind: Nested, via: "importScripts"})
		case strings.HasSuffix(callee, "serviceWorker.register") && i == 0:
			v.add(lit, found{kind: Lazy, via: "serviceWorker.register", document: true})
		}
	}
}

// create looks at new URL(…, import.meta.url), new Worker(…) and new SharedWorker(…).
func (v *scriptVisitor) create(n *js.NewExpr) {
	if n.Args == nil || len(n.Args.List) == 0 {
		return
	}
	lit := literal(n.Args.List[0].Value)
	switch nameOf(n.X) {
	case "URL":
		if len(n.Args.List) == 2 && nameOf(n.Args.List[1].Value) == "import.meta.url" {
			v.add(lit, found{kind: Lazy, via: "new URL"})
		}
	case "Worker", "SharedWorker", "window.Worker", "window.SharedWorker":
		v.add(lit, found{kind: Lazy, via: "Worker", document: true})
	}
}

// namesFile says whether a string looks like the path of a file: not a sentence, and
// with an extension that we know.
func namesFile(lit []byte) bool {
	if len(lit) < 6 || len(lit) > 500 || bytes.ContainsAny(lit, " \\<>") {
		return false
	}
	p, _, _ := strings.Cut(string(lit[1:len(lit)-1]), "?")
	return mediaTypes[path.Ext(p)] != ""
}

// nameOf returns a dotted name such as self.importScripts; "": not a plain name.
func nameOf(e js.IExpr) string {
	switch e := e.(type) {
	case *js.Var:
		return string(e.Data)
	case *js.LiteralExpr:
		return string(e.Data)
	case js.LiteralExpr:
		return string(e.Data)
	case *js.ImportMetaExpr, js.ImportMetaExpr:
		return "import.meta"
	case *js.DotExpr:
		if left, right := nameOf(e.X), nameOf(e.Y); left != "" && right != "" {
			return left + "." + right
		}
	}
	return ""
}

// literal returns a string with its quotes, or a template without expressions.
func literal(e js.IExpr) []byte {
	switch e := e.(type) {
	case *js.LiteralExpr:
		if e.TokenType == js.StringToken {
			return e.Data
		}
	case *js.TemplateExpr:
		if e.Tag == nil && len(e.List) == 0 {
			return e.Tail
		}
	}
	return nil
}

// add records the literal lit, which is a part of v.src.
func (v *scriptVisitor) add(lit []byte, f found) {
	if len(lit) < 3 {
		return
	}
	start := offsetIn(v.src, lit)
	if start < 0 {
		return
	}
	f.start, f.end = v.at+start+1, v.at+start+len(lit)-1
	f.raw = unescapeScript(string(lit[1 : len(lit)-1]))
	v.scanner.add(f)
}

// offsetIn returns where part, a slice of whole, begins in it. The tree tells no
// positions, but its literals are slices of the source.
func offsetIn(whole, part []byte) int {
	for from := 0; ; {
		i := bytes.Index(whole[from:], part)
		if i < 0 {
			return -1
		}
		if &whole[from+i] == &part[0] {
			return from + i
		}
		from += i + 1
	}
}

// unescapeScript undoes the escapes that a URL in a script may have: \/ and \-.
// Others stay as they are and make the URL unreadable rather than wrong.
func unescapeScript(s string) string {
	return strings.NewReplacer(`\/`, `/`, `\-`, `-`, `\'`, `'`, `\"`, `"`).Replace(s)
}
