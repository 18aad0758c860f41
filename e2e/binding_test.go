package e2e

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// release is a deployed build of the site, a folder of sites/django/releases.
type release string

const (
	first  release = "mysite-1.0"
	second release = "mysite-1.1"
)

// binding says which releases contain exactly these bytes: pages as Django
// renders them and every file that collectstatic collects, by hash.
type binding map[[sha256.Size]byte][]release

// strategies are all of them, each built when the first spec wants it.
var strategies = map[strategy]func() builds{
	pathStrategy:        sync.OnceValue(func() builds { return build(pathStrategy) }),
	queryStrategy:       sync.OnceValue(func() builds { return build(queryStrategy) }),
	nestedQueryStrategy: sync.OnceValue(func() builds { return build(nestedQueryStrategy) }),
	noStrategy:          sync.OnceValue(func() builds { return build(noStrategy) }),
	manifestStrategy:    sync.OnceValue(func() builds { return build(manifestStrategy) }),
}

// builds are both releases of the site with one strategy, in folders that no
// server serves, and the table of their bytes.
type builds struct {
	binding
	dir map[release]string
}

func build(s strategy) builds {
	GinkgoHelper()
	b := builds{binding{}, map[release]string{}}
	for _, r := range []release{first, second} {
		b.dir[r] = folder("build")
		djangoScript(b.dir[r], "publish", string(r), string(s))
		b.read(r, b.dir[r])
	}
	return b
}

// name is the one release that has these bytes, or says what else they are.
func (b binding) name(body []byte) string {
	switch of := b[sha256.Sum256(body)]; len(of) {
	case 0:
		return "bytes of no release"
	case 1:
		return string(of[0])
	default:
		return "bytes of several releases"
	}
}

func (b binding) add(r release, content []byte) {
	hash := sha256.Sum256(content)
	if !slices.Contains(b[hash], r) {
		b[hash] = append(b[hash], r)
	}
}

// read adds the page and all static files of a build.
func (b binding) read(r release, dir string) {
	GinkgoHelper()
	page, err := os.ReadFile(filepath.Join(dir, "run", string(r)+".html"))
	Expect(err).NotTo(HaveOccurred())
	b.add(r, page)
	Expect(filepath.WalkDir(filepath.Join(dir, "var/mysite/static"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		b.add(r, content)
		return err
	})).To(Succeed())
}

// class is what a page was given for one of its references, or for a page as a
// whole which releases its parts are of.
type class string

const (
	right   class = "right"   // bytes that the page's own release has
	stale   class = "stale"   // bytes that only an earlier release has
	ahead   class = "ahead"   // bytes that only a later release has
	missing class = "missing" // an error in place of a file
	torn    class = "torn"    // bytes that no release has
)

// judge tells what an answer is to a page of release r.
func (b binding) judge(r release, status int, body []byte) class {
	of := b[sha256.Sum256(body)]
	switch {
	case status != 200:
		return missing
	case len(of) == 0:
		return torn
	case slices.Contains(of, r):
		return right
	case strings.Compare(string(slices.Max(of)), string(r)) < 0:
		return stale
	}
	return ahead
}
