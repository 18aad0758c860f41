package distribution

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"staleproof/cachepolicy"
)

func mustRead(t *testing.T, text string) *Distribution {
	t.Helper()
	d, notes, err := Read("site.yaml", []byte(text))
	if err != nil || len(notes) != 0 {
		t.Fatalf("%s\n%v %v", text, err, notes)
	}
	return d
}

const minimal = "origins: {web: http://localhost:3000}\ndefaultCacheBehavior: {policy: CachingOptimized}\n"

func TestTermsOfBehaviors(t *testing.T) {
	d := mustRead(t, `
tagHeader: Cache-Tag
emulation: {goneCached: true}
origins: {web: http://localhost:3000, bucket: {domain: b.s3.amazonaws.com, s3: true}}
originGroups: {both: {primary: bucket, secondary: web, statuses: [500]}}
defaultCacheBehavior: {origin: both, policy: CachingOptimized, originRequestPolicy: AllViewer}
cacheBehaviors:
  - {pathPattern: /a, origin: web, policy: {headers: [accept-language]}, allowedMethods: all, cachedMethods: [GET, HEAD, OPTIONS]}
  - {pathPattern: /b, origin: bucket, forwardedValues: {queryString: true, queryStringCacheKeys: [v], cookies: ["a*"], headers: [x-a]}}
customErrorResponses: [{code: 404, minTTL: 1m}, {code: 500, page: /x, status: 200}]
`)
	errorTTL := map[int]time.Duration{404: time.Minute, 500: 10 * time.Second}
	only := func(names ...string) cachepolicy.Selection {
		return cachepolicy.Selection{Mode: cachepolicy.Only, Names: names}
	}
	all := cachepolicy.Selection{Mode: cachepolicy.All}
	around := cachepolicy.Terms{ErrorTTL: errorTTL, TagHeader: "Cache-Tag", Emulation: cachepolicy.Emulation{GoneCached: true}}

	a := around
	a.CachedOptions = true
	a.Policy = cachepolicy.Policy{DefaultTTL: cachepolicy.DefaultTTL, MaxTTL: cachepolicy.MaxTTL, Headers: only("Accept-Language")}
	b := around
	b.S3, b.Legacy = true, true
	b.Policy = cachepolicy.Policy{DefaultTTL: cachepolicy.DefaultTTL, MaxTTL: cachepolicy.MaxTTL,
		Headers: only("X-A"), QueryStrings: only("v"), Cookies: only("a*")}
	b.Policy.Cookies.Wildcards = true
	b.OriginRequest.QueryStrings = all
	c := around
	c.S3 = true
	c.Policy, _ = cachepolicy.ManagedPolicy("CachingOptimized")
	c.OriginRequest, _ = cachepolicy.ManagedOriginRequestPolicy("AllViewer")

	for i, row := range []struct {
		name string
		want cachepolicy.Terms
	}{
		{"an inline policy; KEY-10, TTL-24, HDR-03, ERR-04, INV-29", a},
		{"LEG-03, LEG-04, LEG-05, LEG-08, ERR-12: forwarded values of a bucket", b},
		{"MCP-01, MORP-01: managed policies, by the primary of a group", c},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := d.Behaviors[i].Terms; !reflect.DeepEqual(got, row.want) {
				t.Errorf("behavior %s has terms\n%+v, want\n%+v", d.Behaviors[i].PathPattern, got, row.want)
			}
		})
	}
}

func TestEverySwitchCanBeSet(t *testing.T) {
	fields := reflect.TypeFor[cachepolicy.Emulation]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		d := mustRead(t, minimal+"emulation: {"+switchName(name)+": true}\n")
		if !reflect.ValueOf(d.Emulation).Field(i).Bool() || d.Behaviors[0].Terms.Emulation != d.Emulation {
			t.Errorf("emulation.%s was not set: %+v", switchName(name), d.Emulation)
		}
	}
}

func TestGeneratedNames(t *testing.T) {
	d, again := mustRead(t, minimal), mustRead(t, minimal)
	if d.ID != again.ID || d.Domain != again.Domain {
		t.Errorf("the same file has %s %s and %s %s", d.ID, d.Domain, again.ID, again.Domain)
	}
	if other := mustRead(t, minimal+"# another\n"); other.ID == d.ID || other.Domain == d.Domain {
		t.Errorf("another file has the same names %s %s", d.ID, d.Domain)
	}
	if !regexp.MustCompile(`^E[A-Z0-9]{13}$`).MatchString(d.ID) || !regexp.MustCompile(`^d[a-z0-9]{13}\.cloudfront\.net$`).MatchString(d.Domain) {
		t.Errorf("API-11: the names %s and %s do not look like CloudFront's", d.ID, d.Domain)
	}
}

func TestSimple(t *testing.T) {
	d, err := Simple("http://localhost:3000/base/", cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Simple("http://localhost:3000/base/", cachepolicy.Selection{})
	if !reflect.DeepEqual(d, again) {
		t.Error("the same arguments give two distributions")
	}
	optimized, _ := cachepolicy.ManagedPolicy("CachingOptimized")
	o, b := d.Origins[0], d.Behaviors[0]
	if o.URL != "http://localhost:3000" || o.Path != "/base" || o.Domain != "localhost" || !reflect.DeepEqual(b.Terms.Policy, optimized) ||
		b.Methods != AllMethods || !b.Compress || d.Origin(b.TargetOriginID) != &d.Origins[0] || !d.Enabled {
		t.Errorf("Simple is %+v", d)
	}
	all := cachepolicy.Selection{Mode: cachepolicy.All}
	d, err = Simple("https://example.com", all)
	if err != nil || !reflect.DeepEqual(d.Behaviors[0].Terms.Policy.QueryStrings, all) || d.ID == again.ID {
		t.Errorf("with query strings Simple is %+v, %v", d, err)
	}
	for _, bad := range []string{"", "localhost:3000", "ftp://x", "http://", "http://a b", "http://x?y=1", "http://u:p@x", "http://x#f"} {
		if _, err := Simple(bad, cachepolicy.Selection{}); err == nil || !strings.Contains(err.Error(), "origin "+bad) {
			t.Errorf("Simple(%q): %v, want an error that names it", bad, err)
		}
	}
}

const story = `name: a story
distribution:
  defaultCacheBehavior: {origin: web, policy: CachingOptimized}
  cacheBehaviors:
    - {pathPattern: /a, origin: %s, policy: CachingDisabled}
origins:
  web: []
`

// part is the value of a key of a YAML map.
func nodeOf(t *testing.T, text, key string) ast.Node {
	t.Helper()
	f, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range f.Docs[0].Body.(*ast.MappingNode).Values {
		if v.Key.String() == key {
			return v.Value
		}
	}
	t.Fatalf("no %s in %s", key, text)
	return nil
}

func TestReadNode(t *testing.T) {
	d, _, err := ReadNode("story.yaml", nodeOf(t, strings.Replace(story, "%s", "web", 1), "distribution"), "web")
	if err != nil || len(d.Origins) != 1 || d.Origins[0].ID != "web" || d.Origins[0].ReadTimeout != 30*time.Second {
		t.Errorf("a scripted origin: got %+v, %v", d, err)
	}
	_, _, err = ReadNode("story.yaml", nodeOf(t, strings.Replace(story, "%s", "wob", 1), "distribution"), "web")
	if want := `story.yaml:5: cacheBehaviors[0].origin: no origin or origin group "wob" (NoSuchOrigin)`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestErrors(t *testing.T) {
	for _, row := range []struct {
		err  Error
		want string
	}{
		{Error{What: "w"}, "w"},
		{Error{Line: 3, Path: "a.b", What: "w"}, "line 3: a.b: w"},
		{Error{File: "f", What: "w"}, "f: w"},
		{Error{File: "f", Line: 3, Path: "a", Code: "C", What: "w", Hint: "h"}, "f:3: a: w (C); hint: h"},
		{Error{File: "f", What: "two\nlines"}, "f: two lines"},
	} {
		if got := row.err.Error(); got != row.want {
			t.Errorf("%#v reads %q, want %q", row.err, got, row.want)
		}
	}
	_, _, err := Read("f", []byte(minimal+"a: 1\nb: 2\n"))
	var one *Error
	if !errors.As(err, &one) || one.Path != "a" || one.Line != 3 || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("an error of two is %v, the first %+v", err, one)
	}
	_, _, err = Read("f", []byte(minimal+"---\n"+minimal))
	if err == nil || !strings.Contains(err.Error(), "holds 2 distributions") {
		t.Errorf("Read of two: %v", err)
	}
}

func TestManagedResponseHeadersPolicies(t *testing.T) {
	star := []string{"*"}
	for _, row := range []struct {
		row, id, name string
		origins       []string
		methods       int
		set           int
	}{
		{"RHP-31", "60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS", star, 0, 0},
		{"RHP-32", "5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight", star, 7, 0},
		{"RHP-33", "67f7725c-6f97-4210-82d7-5512b31e9d03", "SecurityHeadersPolicy", nil, 0, 5},
		{"RHP-34", "e61eb60c-9c35-4d20-a928-2b84e02af89c", "CORS-and-SecurityHeadersPolicy", star, 0, 5},
		{"RHP-34", "eaab4381-ed33-4a86-88ca-d9558dc6cd63", "CORS-with-preflight-and-SecurityHeadersPolicy", star, 7, 5},
	} {
		p, ok := ManagedResponseHeadersPolicy(row.id)
		byName, _ := ManagedResponseHeadersPolicy("Managed-" + row.name)
		var cors CORS
		if p.CORS != nil {
			cors = *p.CORS
		}
		if !ok || byName.ID != row.id || !reflect.DeepEqual(cors.AllowOrigins, row.origins) || len(cors.AllowMethods) != row.methods || len(p.Set) != row.set || cors.Override {
			t.Errorf("%s: %s is %+v with %+v", row.row, row.name, p, cors)
		}
		for _, h := range p.Set {
			if h.Override != (h.Name == "X-Content-Type-Options") {
				t.Errorf("RHP-33: %s has override %v", h.Name, h.Override)
			}
		}
	}
}
