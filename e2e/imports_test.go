package e2e

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = It("these specs import no package of the project", func() {
	files, err := filepath.Glob("*.go")
	Expect(err).NotTo(HaveOccurred())
	Expect(files).NotTo(BeEmpty())
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		Expect(err).NotTo(HaveOccurred())
		for _, i := range f.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			Expect(err).NotTo(HaveOccurred())
			module, _, _ := strings.Cut(path, "/")
			Expect(module).NotTo(Equal("staleproof"), name)
		}
	}
})
