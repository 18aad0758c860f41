package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// readCitations adds, for each test function of the packages, the ids that the comment
// above it holds, and those in what it says when it fails: a failure that names a row is
// an assertion of that row. Only rows of the other ledgers count: those of the caching
// ledger need a test with their name.
func readCitations(packages []string, caching *ledger, labels map[string][]string) error {
	own := map[string]bool{}
	for _, r := range caching.rows {
		own[r.id] = true
	}
	for _, pkg := range packages {
		files, err := filepath.Glob(filepath.Join(pkg, "*_test.go"))
		if err != nil {
			return err
		}
		pkg = strings.TrimPrefix(pkg, "./")
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for test, ids := range citations(f, pkg) {
				for _, id := range ids {
					if key := "cited by " + pkg + " " + test; !own[id] && !slices.Contains(labels[key], id) {
						labels[key] = append(labels[key], id)
					}
				}
			}
		}
	}
	return nil
}

// citations are the ids that each test function of a file cites.
func citations(f *ast.File, pkg string) map[string][]string {
	cited := map[string][]string{}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") {
			continue
		}
		add := func(text string) { cited[fn.Name.Name] = append(cited[fn.Name.Name], labelsOf(pkg, text)...) }
		add(fn.Doc.Text())
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && fails(call) {
				if text, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value); err == nil {
					add(text)
				}
			}
			return true
		})
	}
	return cited
}

// fails reports whether a call is t.Error, t.Errorf, t.Fatal or t.Fatalf with a text.
func fails(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 || !slices.Contains([]string{"Error", "Errorf", "Fatal", "Fatalf"}, method.Sel.Name) {
		return false
	}
	text, ok := call.Args[0].(*ast.BasicLit)
	return ok && text.Kind == token.STRING
}
