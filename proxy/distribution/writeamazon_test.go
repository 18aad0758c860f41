package distribution

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

// sameAsAWS fails unless got is what AWS can say of want: without emulation and
// URLs, and with ids and names for the policies that had none.
func sameAsAWS(want, got *Distribution) error {
	w, g := clone(want), clone(got)
	w.Emulation = cachepolicy.Emulation{}
	for i := range w.Origins {
		o := &w.Origins[i]
		o.URL = ""
		if usual := newOrigin(o.ID); o.S3 {
			o.Protocol, o.HTTPPort, o.HTTPSPort, o.KeepAlive = usual.Protocol, usual.HTTPPort, usual.HTTPSPort, usual.KeepAlive
		}
	}
	for i := range w.Behaviors {
		b := &w.Behaviors[i]
		b.Terms.Emulation = cachepolicy.Emulation{}
		if i >= len(g.Behaviors) {
			break
		}
		a := &g.Behaviors[i]
		nameless(&b.Terms.Policy.ID, &b.Terms.Policy.Name, &a.Terms.Policy.ID, &a.Terms.Policy.Name)
		nameless(&b.Terms.OriginRequest.ID, &b.Terms.OriginRequest.Name, &a.Terms.OriginRequest.ID, &a.Terms.OriginRequest.Name)
		if b.ResponseHeaders != nil && a.ResponseHeaders != nil {
			nameless(&b.ResponseHeaders.ID, &b.ResponseHeaders.Name, &a.ResponseHeaders.ID, &a.ResponseHeaders.Name)
		}
	}
	orderless(w)
	orderless(g)
	if !reflect.DeepEqual(w, g) {
		return fmt.Errorf("it is\n%s\nwant\n%s", g.YAML(), w.YAML())
	}
	return nil
}

// nameless takes from got the id and the name that want does not have.
func nameless(id, name, gotID, gotName *string) {
	if *id == "" {
		*gotID = ""
	}
	if *name == "" {
		*gotName = ""
	}
}

// orderless puts in order what CloudFront has no order of: origins, headers, names,
// error responses.
func orderless(d *Distribution) {
	slices.SortFunc(d.Origins, func(a, b Origin) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(d.OriginGroups, func(a, b OriginGroup) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(d.ErrorResponses, func(a, b ErrorResponse) int { return a.Code - b.Code })
	slices.Sort(d.Aliases)
	for i := range d.Origins {
		slices.SortFunc(d.Origins[i].Headers, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	}
	for i := range d.OriginGroups {
		slices.Sort(d.OriginGroups[i].Statuses)
	}
	for i := range d.Behaviors {
		b := &d.Behaviors[i]
		p, o := &b.Terms.Policy, &b.Terms.OriginRequest
		for _, names := range [][]string{p.Headers.Names, p.Cookies.Names, p.QueryStrings.Names, o.Headers.Names, o.Cookies.Names, o.QueryStrings.Names, o.CloudFrontHeaders} {
			slices.Sort(names)
		}
		if r := b.ResponseHeaders; r != nil {
			slices.SortFunc(r.Set, func(a, b ResponseHeader) int { return strings.Compare(a.Name, b.Name) })
			slices.Sort(r.Remove)
			if r.CORS != nil {
				for _, names := range [][]string{r.CORS.AllowHeaders, r.CORS.AllowMethods, r.CORS.AllowOrigins, r.CORS.ExposeHeaders} {
					slices.Sort(names)
				}
			}
		}
	}
}

// clone is a copy that shares nothing.
func clone(d *Distribution) *Distribution {
	var out Distribution
	b, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		panic(err)
	}
	return &out
}

// What is written in AWS's words is read as the same.
func TestAWSIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDistribution(t)
		for i := range d.Behaviors {
			b := &d.Behaviors[i]
			if b.Terms.Policy.ID == "" && b.Terms.Policy.Name != "" {
				b.Terms.Policy.Name += fmt.Sprint(i) // a name is one policy's
			}
			if b.ResponseHeaders != nil {
				for _, h := range securityHeaderNames {
					if value := rapid.SampledFrom(headerValues).Draw(t, h); value != "" {
						b.ResponseHeaders.Set = append(b.ResponseHeaders.Set, ResponseHeader{h, value, rapid.Bool().Draw(t, "override")})
					}
				}
			}
		}
		text, _ := AWS(d)
		got, notes, err := Read("written", text)
		if err != nil || len(notes) != 0 {
			t.Fatalf("%v %v\nwritten as\n%s", err, notes, text)
		}
		if err := sameAsAWS(d, got); err != nil {
			t.Fatalf("%v\nwritten as\n%s", err, text)
		}
		if again, _ := AWS(got); string(again) != string(text) {
			t.Fatalf("written again as\n%s\nwas\n%s", again, text)
		}
	})
}

// headerValues are some that sections of SecurityHeadersConfig give, and some that
// none gives.
var headerValues = []string{
	"", "nosniff", "DENY", "SAMEORIGIN", "unsafe-url", "0", "1", "1; mode=block", "1; report=https://a/?b=1&c", "max-age=60", "max-age=060",
	"max-age=31536000; includeSubDomains", "max-age=0; preload", "max-age=1; includeSubDomains; preload", "max-age=99999999999", "default-src 'self'",
}

// everyCase are the files of each case of the three corpora.
func everyCase(t *testing.T) map[string][]Source {
	t.Helper()
	cases := map[string][]Source{}
	for _, pattern := range []string{"testdata/corpus/*.txt", "testdata/cloudformation/*.txt", "testdata/terraform/*/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no cases in %s (%v)", pattern, err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, ".json") {
				cases[name] = []Source{{Name: name, Data: b}}
				continue
			}
			_, ps := parts(b)
			for _, p := range ps {
				if !strings.HasPrefix(p.name, "want.") {
					cases[name] = append(cases[name], Source{Name: p.name, Data: []byte(p.text)})
				}
			}
		}
	}
	return cases
}

// Whatever is read, by whatever way, is the same when it is converted and read: to
// YAML, to AWS's JSON, and from there to YAML.
func TestConvertedCorpus(t *testing.T) {
	read := 0
	for name, sources := range everyCase(t) {
		ds, _, err := ReadSources(sources)
		if err != nil {
			continue
		}
		read++
		t.Run(name, func(t *testing.T) {
			again, _, err := ReadSources([]Source{{Name: "site.yaml", Data: YAML(ds...)}})
			if err != nil || !reflect.DeepEqual(again, ds) {
				t.Fatalf("as YAML it is another: %v\n%s\nwant\n%s", err, YAML(again...), YAML(ds...))
			}
			text, _ := AWS(ds...)
			viaAWS, notes, err := ReadSources([]Source{{Name: "site.json", Data: text}})
			if err != nil || len(viaAWS) != len(ds) || len(notes) != 0 {
				t.Fatalf("%d distributions, %v, %v, of\n%s", len(viaAWS), notes, err, text)
			}
			viaYAML, _, err := ReadSources([]Source{{Name: "site.yaml", Data: YAML(viaAWS...)}})
			if err != nil || !reflect.DeepEqual(viaYAML, viaAWS) {
				t.Fatalf("by AWS's JSON to YAML it is another: %v\n%s", err, YAML(viaYAML...))
			}
			for i, d := range ds {
				if err := sameAsAWS(d, viaYAML[i]); err != nil {
					t.Errorf("%v\nwritten as\n%s", err, text)
				}
			}
		})
	}
	if read < 20 {
		t.Errorf("only %d cases are distributions", read)
	}
}

// What AWS has no setting for is named.
func TestNotForAWS(t *testing.T) {
	d := mustRead(t, `
emulation: {goneCached: true}
origins: {web: http://localhost:3000, files: {domain: b.s3.amazonaws.com, s3: true, httpPort: 8080}}
defaultCacheBehavior: {origin: web, policy: {name: p, maxTTL: 1d, defaultTTL: 1h}, responseHeadersPolicy: {set: {X-Frame-Options: ALLOWALL}}}
cacheBehaviors: [{pathPattern: /a, origin: web, policy: {name: p}}]
`)
	_, notes := AWS(d)
	var got []string
	for _, n := range notes {
		got = append(got, n.Path+": "+n.Message)
	}
	want := []string{
		"emulation: AWS has no such settings: left out",
		"origins.web.url: AWS has no such setting: left out, the origin is localhost",
		"origins.files: an S3 origin of AWS has no protocol, ports and keepAlive: left out",
		"defaultCacheBehavior.policy: there is another policy of the name p: this one is called otherwise",
		"defaultCacheBehavior.responseHeadersPolicy.set.X-Frame-Options: not a value that AWS has for this header: written as a custom header, which AWS may refuse",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
