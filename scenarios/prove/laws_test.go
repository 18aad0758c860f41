package prove

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestImports: no sockets, no clock, no project package but cachepolicy and
// scenarios/site, no goroutine.
func TestImports(t *testing.T) {
	allowed := []string{
		"bytes", "cmp", "context", "crypto/sha256", "encoding/hex", "fmt", "hash/maphash", "maps", "math/bits", "net/http", "net/url",
		"path", "regexp", "slices", "strconv", "strings", "time", "staleproof/cachepolicy", "staleproof/scenarios/site",
	}
	// Of net/http and time only what does nothing: headers, statuses, durations and
	// fixed instants.
	selectors := map[string][]string{
		"http": {"Header", "StatusOK", "StatusNotFound", "StatusNotModified", "StatusInternalServerError", "StatusServiceUnavailable", "MethodGet"},
		"time": {"Duration", "Time", "Second", "Minute", "Hour", "Unix", "ParseDuration"},
	}
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) == 0 {
		t.Fatal("no files: ", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if p, _ := strconv.Unquote(i.Path.Value); !slices.Contains(allowed, p) {
				t.Errorf("%s imports %s", name, p)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine", name)
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil && selectors[x.Name] != nil && !slices.Contains(selectors[x.Name], n.Sel.Name) {
					t.Errorf("%s uses %s.%s", name, x.Name, n.Sel.Name)
				}
			}
			return true
		})
	}
}
