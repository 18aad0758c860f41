package command

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"staleproof/cachepolicy"
	"staleproof/proxy/bucket"
	"staleproof/proxy/distribution"
)

// placesOf reads flags.
func placesOf(t *testing.T, args ...string) (p *places, err error) {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL", "")
	t.Setenv("AWS_ENDPOINT_URL_S3", "")
	app := &cli.App{Flags: originFlags(), Writer: io.Discard, ErrWriter: io.Discard, Action: func(c *cli.Context) (err error) {
		p, err = readPlaces(c)
		return err
	}, ExitErrHandler: func(*cli.Context, error) {}}
	return p, app.Run(append([]string{"serve"}, args...))
}

// site makes a directory with a page.
func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func twoOrigins() []*distribution.Distribution {
	return []*distribution.Distribution{{Origins: []distribution.Origin{
		{ID: "web", Domain: "web.example.com", Path: "/app"},
		{ID: "assets", Domain: "assets.s3.eu-central-1.amazonaws.com", S3: true},
	}}}
}

func TestOriginMap(t *testing.T) {
	dir := site(t)
	p, err := placesOf(t, "--origin-map", "web=http://localhost:3000/", "--origin-map", "assets="+dir, "--header", "*.html: Cache-Control: public, max-age=60")
	if err != nil {
		t.Fatal(err)
	}
	ds := twoOrigins()
	if err := p.apply(ds); err != nil {
		t.Fatal(err)
	}
	web, assets := ds[0].Origins[0], ds[0].Origins[1]
	if web.URL != "http://localhost:3000" || web.Domain != "web.example.com" || web.Path != "/app" || assets.URL != "" {
		t.Errorf("%+v %+v", web, assets)
	}
	if door, err := p.open(web); door != nil || err != nil {
		t.Errorf("a URL is reached by %v %v", door, err)
	}
	if door, err := p.open(twoOrigins()[0].Origins[0]); door == nil || err != nil { // nobody has applied it
		t.Errorf("an origin that came by the control door is reached by %v %v", door, err)
	}
	door, err := p.open(assets)
	if err != nil || door == nil {
		t.Fatal(door, err)
	}
	r, _ := http.NewRequest(http.MethodGet, "http://"+assets.Domain+"/index.html", nil)
	res, err := door.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); string(body) != "hello" || res.Header.Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("%s %v", body, res.Header)
	}
	if lines := strings.Join(p.lines(), "\n"); lines != "origin assets is at "+dir+", as an S3 bucket\norigin web is at http://localhost:3000/" {
		t.Error(lines)
	}
}

func TestMistakesInPlaces(t *testing.T) {
	dir := site(t)
	for _, tt := range []struct {
		args        string
		wrong, hint string
	}{
		{"--origin-map web", "web is not ID=WHERE", "./dist"},
		{"--origin-map =./dist", "is not ID=WHERE", ""},
		{"--origin-map web=" + dir + " --origin-map web=http://a", "web is sent to two places", ""},
		{"--origin-map web=" + dir + "/nothing", "there is no directory", "ID=./dist"},
		{"--origin-map web=" + dir + "/index.html", "is a file, not a directory", ""},
		{"--origin-map web=ftp://host", "neither http://HOST nor https://HOST nor s3://BUCKET", ""},
		{"--origin-map web=http://host/path", "more than scheme, host and port", ""},
		{"--origin-map web=http://host:65536", "port 65536 is not 1 to 65535", "ID=./dist"},
		{"--origin-map other=" + dir, "there is no origin other", "the origins are assets, web"},
		{"--origin-map web=s3://bucket", "needs --s3-endpoint", "--s3-endpoint http://localhost:9000"},
		{"--origin-map web=s3:// --s3-endpoint http://localhost:9000", "names no bucket", ""},
		{"--origin-map web=s3://bucket --s3-endpoint localhost:9000", "is not http://HOST", "http://localhost:9000"},
		{"--header *.html", "no pattern before a colon", "--header"},
		{"--header *.html:X-Frame-Options:DENY", "S3 keeps no header X-Frame-Options", ""},
		{"--website a/b", "the name of the index document", "404.html"},
		{"--website ,404.html", "the name of the index document", "404.html"},
	} {
		p, err := placesOf(t, strings.Fields(tt.args)...)
		if err == nil {
			err = p.apply(twoOrigins())
		}
		var coded interface {
			ExitCode() int
			Hint() string
		}
		if err == nil || !strings.Contains(err.Error(), tt.wrong) || !errors.As(err, &coded) || coded.ExitCode() != 2 || !strings.Contains(coded.Hint(), tt.hint) {
			t.Errorf("%s: %v, want %q and hint %q", tt.args, err, tt.wrong, tt.hint)
		}
	}
}

func TestDirectoriesAnswerAsTheirDomainDoes(t *testing.T) {
	dir := site(t)
	for _, tt := range []struct {
		name    string
		args    []string
		origin  distribution.Origin
		website *bucket.Website
		hosts   int
	}{
		{"a bucket", nil, distribution.Origin{ID: "o", Domain: "a.s3.eu-central-1.amazonaws.com", S3: true}, nil, 2},
		{"a website endpoint", nil, distribution.Origin{ID: "o", Domain: "a.s3-website-us-east-1.amazonaws.com"}, &bucket.Website{}, 2},
		{"a website endpoint with a dot", nil, distribution.Origin{ID: "o", Domain: "a.s3-website.eu-central-1.amazonaws.com"}, &bucket.Website{}, 2},
		{"one with documents", []string{"--website", "home.html,404.html"}, distribution.Origin{ID: "o", Domain: "a.s3-website.eu-central-1.amazonaws.com"}, &bucket.Website{Index: "home.html", Error: "404.html"}, 2},
		{"any other server", nil, distribution.Origin{ID: "o", Domain: "www.example.com"}, nil, 0},
		{"any other server, told", []string{"--website", "index.html"}, distribution.Origin{ID: "o", Domain: "www.example.com"}, &bucket.Website{Index: "index.html"}, 0},
	} {
		p, err := placesOf(t, append([]string{"--origin-map", "o=" + dir, "--list-bucket"}, tt.args...)...)
		if err != nil {
			t.Fatal(err)
		}
		door, _ := p.open(tt.origin)
		e := door.(*bucket.Endpoint)
		if (e.Website == nil) != (tt.website == nil) || e.Website != nil && *e.Website != *tt.website || len(e.Hosts) != tt.hosts || !e.List {
			t.Errorf("%s: %+v %+v", tt.name, e, e.Website)
		}
	}
}

func TestOriginMayBeADirectory(t *testing.T) {
	dir := site(t)
	p, err := placesOf(t)
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.simple(dir, cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	o := d.Origins[0]
	if o.URL != "" || o.Path != "" || !o.S3 || d.DefaultRootObject != "index.html" || !strings.HasSuffix(o.Domain, ".s3.us-east-1.amazonaws.com") || !d.Behaviors[0].Terms.S3 {
		t.Errorf("%+v", d)
	}
	if err := d.Check(); err != nil {
		t.Error(err)
	}
	if door, err := p.open(o); door == nil || err != nil {
		t.Error(door, err)
	}
	again, _ := placesOf(t)
	if other, err := again.simple(site(t), cachepolicy.Selection{}); err != nil || other.ID == d.ID {
		t.Errorf("another directory is the same distribution %v %v", other, err)
	}
	for _, where := range []string{"localhost:8000", "http://", "./nothing", "/nothing/at/all", "ftp://a"} {
		p, _ := placesOf(t)
		if _, err := p.simple(where, cachepolicy.Selection{}); err == nil {
			t.Errorf("%s is an origin", where)
		}
	}
	if p, err = placesOf(t, "--origin-map", "a="+dir); err != nil {
		t.Fatal(err)
	}
	if _, err := p.simple(dir, cachepolicy.Selection{}); err == nil {
		t.Error("--origin goes with --origin-map")
	}
}

func TestSecretsAreNoted(t *testing.T) {
	dir := site(t)
	var said strings.Builder
	p := &places{errors: &said}
	for _, want := range []string{"", "staleproof: note: " + dir + " has .env, which is served, as aws s3 sync would upload it\n"} {
		said.Reset()
		if _, err := p.find(dir); err != nil || said.String() != want {
			t.Errorf("%v, said %q, want %q", err, said.String(), want)
		}
		if err := os.WriteFile(filepath.Join(dir, ".env"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBucketNames(t *testing.T) {
	for name, want := range map[string]string{"dist": "dist", "My Site_2": "my-site-2", "..": "bucket", "é": "bucket", "a/b": "a", strings.Repeat("a", 99): strings.Repeat("a", 63)} {
		if got := bucketName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// An origin that somebody creates has an id that nobody knows before.
func TestOriginMapByDomain(t *testing.T) {
	p, err := placesOf(t, "--origin-map", "web.example.com=http://localhost:3000", "--origin-map", "web=http://localhost:4000",
		"--origin-map", "assets.s3.eu-central-1.amazonaws.com=http://localhost:5000")
	if err != nil {
		t.Fatal(err)
	}
	ds := twoOrigins()
	if err := p.apply(ds); err != nil {
		t.Fatal(err)
	}
	if web, assets := ds[0].Origins[0], ds[0].Origins[1]; web.URL != "http://localhost:4000" || assets.URL != "http://localhost:5000" {
		t.Errorf("%s %s, want the place of the id, and else that of the domain", web.URL, assets.URL)
	}
}

// TestFlagsAboutDirectories: they are refused where no origin is one.
func TestFlagsAboutDirectories(t *testing.T) {
	dir := site(t)
	for _, r := range []struct {
		args    []string
		refused bool
	}{
		{[]string{"--list-bucket"}, true},
		{[]string{"--website", "index.html"}, true},
		{[]string{"--header", "*.html: Cache-Control: no-cache"}, true},
		{[]string{"--origin-map", "web=http://localhost:3000", "--list-bucket"}, true},
		{[]string{"--origin-map", "web=s3://bucket", "--s3-endpoint", "http://localhost:9000", "--list-bucket"}, true},
		{[]string{"--origin-map", "web=" + dir, "--list-bucket", "--website", "index.html", "--header", "*.html: Cache-Control: no-cache"}, false},
		{nil, false},
	} {
		var p *places
		app := &cli.App{Flags: originFlags(), Writer: io.Discard, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, Action: func(c *cli.Context) (err error) {
			if p, err = readPlaces(c); err != nil {
				t.Fatal(err)
			}
			return p.used(c)
		}}
		if err := app.Run(append([]string{"serve"}, r.args...)); (err != nil) != r.refused || err != nil && !strings.Contains(err.Error(), "is about directories, and no origin is one") {
			t.Errorf("%q: %v, want an error: %v", r.args, err, r.refused)
		}
	}
}
