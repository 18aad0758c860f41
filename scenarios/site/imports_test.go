package site

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The package may use the standard library without sockets, x/net/html, the parser and brotli.
func TestImportsStayWithinTheArchitecture(t *testing.T) {
	allowed := map[string]bool{"golang.org/x/net/html": true, "github.com/andybalholm/brotli": true, "github.com/tdewolff/parse/v2": true, "github.com/tdewolff/parse/v2/css": true, "github.com/tdewolff/parse/v2/js": true}
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			standard := !strings.Contains(strings.Split(p, "/")[0], ".") && !strings.HasPrefix(p, "staleproof/")
			socket := p == "net" || strings.HasPrefix(p, "net/") && p != "net/url" || p == "time" || p == "testing/fstest"
			if !allowed[p] && (!standard || socket) {
				t.Errorf("%s imports %s", name, p)
			}
		}
	}
}
