package cachepolicy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rule is what one package may know: the architecture's table as data. It stands
// here because the root holds no second file and this package is below all others.
// Names are separated by blanks; a * at the end stands for the rest.
type rule struct {
	dir   string
	may   string // imports besides the pure standard library; "…" is this module
	never string // selectors, as package.Name
	only  string // selectors: of a package named here nothing else
	// noGoroutines: nothing runs beside the caller.
	noGoroutines bool
}

const (
	clock     = " time.Now time.Since time.Until time.Local time.LoadLocation "
	timers    = " time.Sleep time.After time.AfterFunc time.NewTimer time.NewTicker time.Tick "
	values    = " http.Header http.ParseTime http.TimeFormat http.CanonicalHeaderKey http.StatusText http.Status* http.Method* "
	framework = "testing* github.com/onsi/*"
)

var rules = []rule{
	{dir: ".", may: "os github.com/urfave/cli/v2 …/proxy/command …/scenarios/command"},
	{dir: "cachepolicy", may: "net/http", never: clock + timers, only: values, noGoroutines: true},

	{dir: "proxy", may: "net net/http crypto/rand math/rand/v2 …/cachepolicy …/proxy/access …/proxy/distribution …/proxy/ending …/proxy/fault …/proxy/front …/proxy/function …/proxy/origin …/proxy/store " +
		"github.com/gregjones/httpcache github.com/andybalholm/brotli", only: "httpcache.Cache"},
	{dir: "proxy/access", may: "…/cachepolicy …/proxy/distribution", never: clock + timers, noGoroutines: true},
	{dir: "proxy/bucket", may: "os net net/http math/rand/v2 …/proxy/headers", never: timers, noGoroutines: true},
	{dir: "proxy/command", may: "os* net* syscall runtime* crypto/* github.com/urfave/cli/v2 github.com/gregjones/httpcache github.com/fsnotify/fsnotify github.com/aws/aws-sdk-go-v2/aws github.com/aws/aws-sdk-go-v2/aws/signer/v4 …/cachepolicy …/proxy …/proxy/*"},
	{dir: "proxy/console", may: "net/http …/cachepolicy …/proxy …/proxy/distribution"},
	{dir: "docs"},
	{dir: "proxy/control", may: "net net/http github.com/VictoriaMetrics/metrics …/cachepolicy …/docs …/proxy …/proxy/control/cloudfront …/proxy/distribution …/proxy/fault"},
	{dir: "proxy/control/cloudfront", may: "net/http crypto/rand …/cachepolicy …/proxy …/proxy/distribution"},
	{dir: "proxy/distribution", may: "net net/http …/cachepolicy github.com/goccy/go-yaml*",
		never: clock + timers, only: values + "net.ParseIP net.ParseCIDR net.IP", noGoroutines: true},
	{dir: "proxy/ending", never: clock + timers},
	{dir: "proxy/fault", may: "net/http math/rand/v2 …/cachepolicy …/proxy/distribution …/proxy/origin", noGoroutines: true},
	{dir: "proxy/front", may: "net net/http os log syscall unsafe runtime/debug crypto/tls golang.org/x/net/http2* …/proxy/ending …/proxy/stack"},
	{dir: "proxy/front/fronttest", may: "testing net net/http net/http/httptest crypto/tls …/proxy/front", never: clock + timers},
	{dir: "proxy/function", may: "github.com/dop251/goja*", never: clock + timers},
	{dir: "proxy/headers", may: "net/http", never: clock + timers, only: values, noGoroutines: true},
	{dir: "proxy/origin", may: "net net/http net/http/httptrace syscall unsafe crypto/tls …/proxy/distribution …/proxy/ending"},
	{dir: "proxy/stack", may: "runtime", only: "runtime.KeepAlive", noGoroutines: true},
	{dir: "proxy/state", may: "os crypto/rand github.com/gofrs/flock", never: clock + timers, noGoroutines: true},
	{dir: "proxy/store", may: "os unsafe runtime crypto/rand net/http …/cachepolicy github.com/gregjones/httpcache* github.com/dgraph-io/ristretto/v2 " +
		"github.com/gomodule/redigo* github.com/bradfitz/gomemcache* github.com/peterbourgon/diskv* github.com/syndtr/goleveldb* github.com/google/btree",
		never: clock},
	{dir: "proxy/store/storetest", may: "testing github.com/gregjones/httpcache", never: clock + timers},

	{dir: "scenarios", may: "net/http net/http/cookiejar …/proxy …/proxy/distribution …/proxy/origin …/scenarios/* " +
		"github.com/goccy/go-yaml* github.com/gregjones/httpcache"},
	{dir: "scenarios/command", may: "os* net* syscall runtime* github.com/urfave/cli/v2 github.com/schollz/progressbar/v3 golang.org/x/term github.com/gregjones/httpcache* …/cachepolicy …/proxy/distribution …/proxy/headers …/scenarios …/scenarios/*"},
	{dir: "scenarios/audit", may: "net/http golang.org/x/net/html* …/scenarios/site …/proxy/headers", never: clock + timers, noGoroutines: true},
	{dir: "scenarios/figures", may: "net/http …/cachepolicy …/scenarios/site …/scenarios/prove …/proxy/headers", never: clock + timers, noGoroutines: true},
	{dir: "scenarios/match", may: "net/http github.com/onsi/gomega*", never: clock + timers, noGoroutines: true},
	{dir: "scenarios/prove", may: "net/http …/cachepolicy …/scenarios/site", never: clock + timers, only: values},
	{dir: "scenarios/browser", may: "os os/exec net/http github.com/chromedp/*"},
	{dir: "scenarios/replay", may: "net net/http net/http/httputil github.com/andybalholm/brotli …/cachepolicy …/proxy …/proxy/distribution …/proxy/front …/scenarios …/scenarios/browser …/scenarios/prove …/scenarios/report …/scenarios/site"},
	{dir: "scenarios/report", may: "os …/scenarios/prove …/scenarios/site", never: clock + timers, noGoroutines: true},
	{dir: "scenarios/site", may: "os runtime github.com/andybalholm/brotli golang.org/x/net/html* github.com/tdewolff/parse/v2*", never: clock + timers},

	{dir: "e2e/conformance", may: "os os/exec"},
	{dir: "e2e", may: "os* net* syscall runtime* crypto/* math/rand* testing* golang.org/x/* github.com/*"},
}

// impure are the parts of the standard library that reach outside the process or
// are random; pure are the exceptions.
const (
	impure = "os os/* net net/* syscall log log/* plugin unsafe runtime runtime/* flag expvar database/* math/rand math/rand/v2 crypto/rand crypto/tls " + framework
	pure   = "net/url net/netip net/textproto"
)

// TestRules checks every package of the module, selector by selector.
func TestRules(t *testing.T) {
	checked := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".."):
			return filepath.SkipDir
		case !strings.HasSuffix(file, ".go"):
			return nil
		}
		name := filepath.ToSlash(file[len("../"):])
		dir := path.Dir(name)
		i := slices.IndexFunc(rules, func(r rule) bool { return r.dir == dir })
		if i < 0 {
			t.Errorf("%s: the architecture has no package %s", name, dir)
			return nil
		}
		if dir == "." && name != "main.go" {
			t.Errorf("%s: the root holds main.go and no other", name)
		}
		if strings.HasSuffix(file, "_test.go") && dir != "e2e" {
			return nil
		}
		checked++
		for _, breach := range rules[i].breaches(t, file) {
			t.Errorf("%s: %s", name, breach)
		}
		return nil
	})
	if err != nil || checked < 10 {
		t.Fatalf("%d files checked: %v", checked, err)
	}
}

// breaches are the places in a file that break r.
func (r rule) breaches(t *testing.T, file string) (found []string) {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]string{} // by what the file calls them
	for _, spec := range parsed.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		local, isOurs := strings.CutPrefix(imported, "staleproof/")
		if isOurs {
			imported = "…/" + local
		}
		outside := isOurs || strings.Contains(strings.Split(imported, "/")[0], ".") || named(impure, imported) && !named(pure, imported)
		if outside && !named(r.may, imported) {
			found = append(found, "imports "+imported)
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		packages[name] = path.Base(imported)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if r.noGoroutines {
				found = append(found, set.Position(n.Pos()).String()+" starts a goroutine")
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if !ok || x.Obj != nil || packages[x.Name] == "" { // Obj: declared in this file
				return true
			}
			selector := packages[x.Name] + "." + n.Sel.Name
			limited := strings.Contains(" "+r.only, " "+packages[x.Name]+".")
			if named(r.never, selector) || limited && !named(r.only, selector) {
				found = append(found, set.Position(n.Pos()).String()+" uses "+selector)
			}
		}
		return true
	})
	return found
}

// named reports whether a list has name, itself or by a * at its end.
func named(list, name string) bool {
	for item := range strings.FieldsSeq(list) {
		if prefix, ok := strings.CutSuffix(item, "*"); item == name || ok && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// TestRulesBreak sees each kind of breach once.
func TestRulesBreak(t *testing.T) {
	for _, row := range []struct{ dir, imports, body, want string }{
		{"cachepolicy", `"time"`, "var _ = time.Now", "uses time.Now"},
		{"cachepolicy", `"time"`, "func f() { time.Sleep(1) }", "uses time.Sleep"},
		{"cachepolicy", `clock "time"`, "var _ = clock.Now()", "uses time.Now"},
		{"cachepolicy", `"time"`, "var _ = time.Date", ""},
		{"cachepolicy", `"time"`, "type T struct{ Now int }; func f(time T) int { return time.Now }", ""},
		{"cachepolicy", `"os"`, "", "imports os"},
		{"cachepolicy", `"net"`, "", "imports net"},
		{"cachepolicy", `"net/url"`, "", ""},
		{"cachepolicy", `"math/rand/v2"`, "", "imports math/rand/v2"},
		{"cachepolicy", `"net/http"`, "var _ http.Header", ""},
		{"cachepolicy", `"net/http"`, "var _ = http.StatusOK", ""},
		{"cachepolicy", `"net/http"`, "var _ http.Client", "uses http.Client"},
		{"cachepolicy", `"staleproof/proxy"`, "", "imports …/proxy"},
		{"cachepolicy", `"pgregory.net/rapid"`, "", "imports pgregory.net/rapid"},
		{"cachepolicy", ``, "func f() { go f() }", "starts a goroutine"},
		{"proxy", `"staleproof/proxy/control"`, "", "imports …/proxy/control"},
		{"proxy", `"staleproof/scenarios"`, "", "imports …/scenarios"},
		{"proxy", `"testing"`, "", "imports testing"},
		{"proxy", `"github.com/gregjones/httpcache"`, "var _ httpcache.Cache", ""},
		{"proxy", `"github.com/gregjones/httpcache"`, "var _ = httpcache.NewMemoryCache", "uses httpcache.NewMemoryCache"},
		{"scenarios/prove", `"time"`, "var _ = time.Since", "uses time.Since"},
		{"scenarios/prove", `"net"`, "", "imports net"},
		{"e2e", `"staleproof/cachepolicy"`, "", "imports …/cachepolicy"},
	} {
		t.Run(row.dir+" "+row.imports+" "+row.body, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.go")
			if err := os.WriteFile(file, []byte("package x\nimport ("+row.imports+")\n"+row.body), 0o600); err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(rules, func(r rule) bool { return r.dir == row.dir })
			got := strings.Join(rules[i].breaches(t, file), ", ")
			if (got == "") != (row.want == "") || !strings.Contains(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}
