package command

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"staleproof/scenarios/site"
)

// queryBuild is a build whose style sheet has its version in the query string.
func queryBuild(t *testing.T, version string) string {
	return folder(t, "build-"+version, map[string]string{
		"index.html": `<link rel=stylesheet href="/site.css?v=` + version + `">`, "site.css": "a{b:" + version + "}",
	})
}

// hashedBuild is a build whose style sheet and lazy chunk have hashes in their names.
func hashedBuild(t *testing.T, name, hash string, more map[string]string) string {
	files := map[string]string{
		"index.html":                  `<script type=module src="/assets/main-` + hash + `.js"></script>`,
		"assets/main-" + hash + ".js": `import("./lazy-` + hash + `.js")`,
		"assets/lazy-" + hash + ".js": "export default " + `"` + hash + `"`,
	}
	for p, text := range more {
		files[p] = text
	}
	return folder(t, name, files)
}

const templated = `AWSTemplateFormatVersion: 2010-09-09
Parameters: {Least: {Type: Number}}
Resources:
  Topic: {Type: "AWS::SNS::Topic"}
  Policy:
    Type: AWS::CloudFront::CachePolicy
    Properties: {CachePolicyConfig: {Name: least, MinTTL: !Ref Least, DefaultTTL: 86400, MaxTTL: 31536000}}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins: [{Id: web, DomainName: !ImportValue host, CustomOriginConfig: {OriginProtocolPolicy: http-only}}]
        DefaultCacheBehavior: {TargetOriginId: web, ViewerProtocolPolicy: allow-all, CachePolicyId: !Ref Policy}
`

const minimumTTL = `origins:
  web: {url: http://localhost:1}
cachePolicies:
  long: {minTTL: 60s, queryStrings: all}
defaultCacheBehavior: {policy: CachingDisabled}
cacheBehaviors:
  - {pathPattern: index.html, policy: long}
  - {pathPattern: assets/*, policy: long}
defaultRootObject: index.html
`

const singlePage = `origins:
  web: {url: http://localhost:1}
defaultCacheBehavior: {policy: CachingOptimized}
customErrorResponses:
  - {code: 404, page: /index.html, status: 200}
`

// A proof is of the site's own URLs, headers and caches.
func TestProveOwnBuilds(t *testing.T) {
	q1, q2 := queryBuild(t, "1"), queryBuild(t, "2")
	h1, h2, h3 := hashedBuild(t, "h1", "a1b2c3d4", nil), hashedBuild(t, "h2", "b2c3d4e5", nil), hashedBuild(t, "h3", "c3d4e5f6", nil)
	cached := map[string]string{"_headers": "/\n  Cache-Control: max-age=600\n/assets/*\n  Cache-Control: max-age=86400, immutable\n"}
	k1, k2 := hashedBuild(t, "k1", "a1b2c3d4", cached), hashedBuild(t, "k2", "b2c3d4e5", cached)
	rows := []struct {
		name    string
		args    []string
		refuted bool
		want    []string
		not     []string
	}{
		{"T2: the user's own URLs", []string{"--before", q1, "--after", q2, "--mode", "atomic, rollback"}, true,
			[]string{"style sheet: ?v everywhere", "✗ AHEAD", "/site.css?v=1", "A2"}, nil},
		{"asset classes", []string{"--before", h1, "--after", h2, "--mode", "leaf first"}, false,
			[]string{"script: name.hash", "lazy chunk: name.hash", "page: S1 ✓"}, []string{"✗"}},
		{"what a deploy needs", []string{"--before", h1, "--after", h2, "--mode", "leaf first"}, false,
			[]string{"leaf first: an upload in the order of references"}, nil},
		{"three builds", []string{"--mode", "leaf first", h1, h2, h3}, false, []string{"h1 to h2", "h2 to h3", "What it costs to go from h2 to h3"}, nil},
		{"three builds by flag", []string{"--mode", "leaf first", "--build", h1, "--build", h2, "--build", h3}, false, []string{"h2 to h3"}, nil},
		{"T18: pages that _headers lets be cached", []string{"--before", k1, "--after", k2, "--mode", "leaf first"}, true,
			[]string{"STALEPAGE", "1 page max-age=600 (_headers)", "Keep old files: 24 h 20 min", "every new visit gets the new page after 10 min"}, nil},
		{"a flag counts before _headers", []string{"--header", "*.html: Cache-Control: private, no-store", "--before", k1, "--after", k2, "--mode", "leaf first"}, false,
			[]string{"1 page private, no-store (--header)"}, []string{"STALEPAGE"}},
		{"a header that says nothing about caching", []string{"--header", "*.html: Cache-Contorl: no-store", "--before", h1, "--after", h2, "--mode", "leaf first"}, false,
			[]string{"--header sets Cache-Contorl: for a proof only Cache-Control counts.", "1 page no-store (taken for granted)"}, nil},
		{"T18: a minimum TTL above no-store", []string{"--config", write1(t, "d.yaml", minimumTTL), "--header", "*.html: Cache-Control: no-store", "--before", h1, "--after", h2, "--mode", "leaf first"}, true,
			[]string{"STALEPAGE", "d.yaml", "after 1 min"}, nil},
		{"T18: the same, from a template", []string{"--config", write1(t, "site.yaml", templated), "--parameter", "Least=60", "--imports", write1(t, "exports.json", `{"host": "origin.example.com"}`),
			"--header", "*.html: Cache-Control: no-store", "--before", h1, "--after", h2, "--mode", "leaf first"}, true,
			[]string{"STALEPAGE", "site.yaml", "after 1 min", "no part of the edge, skipped: AWS::SNS::Topic"}, nil},
		{"T13: a custom error response", []string{"--config", write1(t, "spa.yaml", singlePage), "--before", h1, "--after", h2, "--mode", "html first"}, true,
			[]string{"a page instead of the file", "assumption A2", "answered with /index.html and status 200, which the CDN keeps for 10s", "answers will be for 10 s"}, []string{"for a year"}},
		{"T13: the page may be kept by browsers", []string{"--config", write1(t, "spa.yaml", singlePage), "--header", "*.html: Cache-Control: max-age=600", "--visitors", "returning", "--visitors", "returning",
			"--before", h1, "--after", h2, "--mode", "html first"}, true, []string{"a page instead of the file", "for 10 min"}, []string{"for a year"}},
		{"two tiers and two locations", []string{"--regional", "--locations", "2", "--before", h1, "--after", h2, "--mode", "leaf first"}, false,
			[]string{"with 2 edge locations and a regional cache", "one cache asks the origin"}, nil},
		{"a class that does not fail", []string{"--before", h1, "--after", h2, "--mode", "rolling", "--fail-on", "stale,ahead"}, false, []string{"✗ MISSING"}, nil},
		{"a class that does", []string{"--before", h1, "--after", h2, "--mode", "rolling", "--fail-on", "missing"}, true, nil, nil},
		{"passing ones do not fail", []string{"--before", h1, "--after", h2, "--mode", "upload, invalidate, prune"}, false, []string{"~ MISSING"}, nil},
		{"unless they are asked for", []string{"--before", h1, "--after", h2, "--mode", "upload, invalidate, prune", "--fail-on", "any"}, true, nil, nil},
		{"a key that stays poisoned does", []string{"--before", q1, "--after", q2, "--mode", "leaf first"}, true, []string{"~ AHEAD", "hash of the bytes into every file name"}, nil},
		{"a longer life of tabs", []string{"--before", h1, "--after", h2, "--mode", "leaf first", "--tab-life", "72h"}, false, []string{"Keep old files: 3 d"}, nil},
		{"one kind of assets", []string{"--before", h1, "--after", h2, "--mode", "leaf first", "--strategy", "lazy"}, false, []string{"lazy chunk"}, []string{"script: name.hash"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			out, _, err := run(t, append([]string{"prove"}, r.args...)...)
			if refuted(err) != r.refuted || err != nil && !refuted(err) {
				t.Errorf("error %v, refuted: want %v\n%s", err, r.refuted, out)
			}
			text := strings.Join(strings.Fields(out), " ")
			for _, want := range r.want {
				if !strings.Contains(text, want) {
					t.Errorf("not said: %s\n%s", want, out)
				}
			}
			for _, not := range r.not {
				if strings.Contains(strings.ReplaceAll(text, "✗ REFUTED", ""), not) && !strings.Contains(not, "STALEPAGE") || strings.Contains(text, "✗ "+not) {
					t.Errorf("said: %s\n%s", not, out)
				}
			}
		})
	}
}

func write1(t *testing.T, name, text string) string {
	return filepath.Join(folder(t, "config", map[string]string{name: text}), name)
}

// serve serves a folder with a Cache-Control, and anything that is not there with the
// page when fallback is set.
func serve(t *testing.T, dir, control string, fallback bool) string {
	files := http.FileServer(http.Dir(dir))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", control)
		if _, err := os.Stat(filepath.Join(dir, r.URL.Path)); err != nil && fallback {
			http.ServeFile(w, r, dir+"/index.html")
			return
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Two running origins say what they send, and what they do with a file that is not
// there: T13.
func TestProveAsksRunningOrigins(t *testing.T) {
	h1, h2 := hashedBuild(t, "h1", "a1b2c3d4", nil), hashedBuild(t, "h2", "b2c3d4e5", nil)
	before, after := serve(t, h1, "max-age=300", true), serve(t, h2, "max-age=300", true)
	out, _, err := run(t, "prove", "--before", h1, "--after", h2, "--before-url", before, "--after-url", after, "--mode", "html first")
	if !refuted(err) {
		t.Errorf("error %v, want refuted", err)
	}
	for _, want := range []string{"1 page and 2 assets max-age=300 (" + before + ")", after + " answers files that are not there with 200: /assets/staleproof-0f1e2d3c4b5a69788796.js", "✗ MISSING", "a page instead of the file"} {
		if !strings.Contains(out, want) {
			t.Errorf("not said: %s\n%s", want, out)
		}
	}
	out, _, _ = run(t, "prove", "--before", h1, "--after", h2, "--before-url", after, "--after-url", after, "--mode", "leaf first")
	if want := "does not answer"; !strings.Contains(out, want) && !strings.Contains(out, "other bytes than the build has") {
		t.Errorf("an origin with another build goes unnoticed:\n%s", out)
	}
}

// What is not there is asked for where assets are: origins have rules by folder and by
// ending, and of several answers the worst counts.
func TestMissingIsAskedForWhereAssetsAre(t *testing.T) {
	b, err := site.FromFiles("1", map[string][]byte{
		"index.html":      []byte(`<link rel=stylesheet href="/_next/css/a.css?v=1"><script src="/b.js"></script><script src="/c.js"></script><img src="/d.png">`),
		"_next/css/a.css": nil, "b.js": nil, "c.js": nil, "d.png": nil,
	}, site.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	var mu sync.Mutex // protects asked
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(r.URL.Path, missingLiveName) {
			asked = append(asked, r.URL.Path)
			w.Header().Set("Cache-Control", map[string]string{".css": "no-store", ".js": "max-age=600", ".png": "max-age=9999"}[path.Ext(r.URL.Path)])
			if path.Ext(r.URL.Path) != ".png" {
				w.WriteHeader(http.StatusNotFound)
			}
		}
	}))
	defer s.Close()
	l, err := askOrigin(t.Context(), "before-url", s.URL, b)
	if err != nil {
		t.Fatal(err)
	}
	css, js, png := "/_next/css/"+missingLiveName+".css", "/"+missingLiveName+".js", "/"+missingLiveName+".png"
	if !slices.Equal(asked, []string{css, js, png}) {
		t.Errorf("asked for %q", asked)
	}
	if l.missing != "max-age=600" || !slices.Equal(l.fallback, []string{png}) {
		t.Errorf("got Cache-Control %q, pages for %q", l.missing, l.fallback)
	}
}

func TestProveOwnBuildsForMachines(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	h1, h2 := hashedBuild(t, "h1", "a1b2c3d4", nil), hashedBuild(t, "h2", "b2c3d4e5", nil)
	out, _, err := run(t, "prove", "--json", "--before", h1, "--after", h2, "--mode", "leaf first")
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Figures []struct {
			RetentionSeconds int
			ColdRequests     int
			From             string
		}
		Sections []struct{ Title string }
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) != 1 || r.Figures[0].RetentionSeconds != 86400 || r.Figures[0].ColdRequests != 2 || r.Figures[0].From != "h1" || len(r.Sections) != 3 {
		t.Errorf("got %+v", r)
	}
	if text, err := os.ReadFile(summary); err != nil || !strings.Contains(string(text), "| **script: name.hash** |") {
		t.Errorf("step summary %q, %v", text, err)
	}
}

// Wrong questions about builds of one's own are one clear error with exit code 2.
func TestMistakesAboutOwnBuilds(t *testing.T) {
	h1, h2 := hashedBuild(t, "h1", "a1b2c3d4", nil), hashedBuild(t, "h2", "b2c3d4e5", nil)
	bad := hashedBuild(t, "bad", "d4e5f6a7", map[string]string{"_headers": "/*\n  Cache-Control no-cache\n"})
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	pair := []string{"--before", h1, "--after", h2}
	rows := []struct {
		name string
		args []string
		text string
	}{
		{"a line of _headers", []string{"--before", h1, "--after", bad}, "_headers:2: "},
		{"a header flag", append([]string{"--header", "*.html"}, pair...), "--header"},
		{"a class", append([]string{"--fail-on", "sorrow"}, pair...), "--fail-on sorrow"},
		{"a life of tabs", append([]string{"--tab-life", "0s"}, pair...), "--tab-life"},
		{"locations", append([]string{"--locations", "9"}, pair...), "--locations 9"},
		{"one origin", append([]string{"--before-url", "http://localhost:1"}, pair...), "--before-url and --after-url go together"},
		{"no URL", append([]string{"--before-url", "localhost", "--after-url", "localhost"}, pair...), "--before-url localhost"},
		{"an origin that is not there", append([]string{"--before-url", closed.URL, "--after-url", closed.URL}, pair...), "--before-url: "},
		{"a configuration that is not there", append([]string{"--config", "/nowhere.yaml"}, pair...), "/nowhere.yaml"},
		{"a parameter that the template does not have", append([]string{"--config", write1(t, "site.yaml", templated), "--parameter", "Least=1", "--parameter", "Most=1", "--imports", write1(t, "exports.json", `{"host": "origin.example.com"}`)}, pair...), "parameters [Most] do not exist in the template"},
		{"an export that nobody has", append([]string{"--config", write1(t, "site.yaml", templated), "--parameter", "Least=1"}, pair...), "no export named host found"},
		{"parameters without a template", append([]string{"--parameter", "Least=1"}, pair...), "--parameter and --imports go with --config only"},
		{"two ways to name builds", append(append([]string{}, pair...), h1), "there are more"},
		{"a flag without builds", []string{"--header", "*.html: Cache-Control: no-cache"}, "--header is about builds of your own"},
		{"query with a configuration", append([]string{"--query", "none", "--config", write1(t, "d.yaml", minimumTTL)}, pair...), "--query goes without --config"},
		{"a kind of assets", append([]string{"--strategy", "nonsense"}, pair...), "no kind of asset is called like nonsense"},
	}
	for _, r := range rows {
		_, _, err := run(t, append([]string{"prove"}, r.args...)...)
		if errors.Is(err, ErrRefuted) {
			t.Errorf("%s: refuted, want a mistake", r.name)
			continue
		}
		wrongQuestion(t, r.name, err, r.text)
	}
}
