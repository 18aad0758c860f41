package cloudfront

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// drawer keeps records in a map, until it is told to fail.
type drawer struct {
	records map[string][]byte
	calls   int
	broken  error
}

func (d *drawer) Keep(kind, id string, record []byte) error {
	if d.broken != nil {
		return d.broken
	}
	d.calls++
	if d.records[kind+" "+id] = record; record == nil {
		delete(d.records, kind+" "+id)
	}
	return nil
}

func (d *drawer) Kept(tell func(kind, id string, record []byte) error) error {
	for key, record := range d.records {
		kind, id, _ := strings.Cut(key, " ")
		if err := tell(kind, id, record); err != nil {
			return err
		}
	}
	return nil
}

// TestKeptOutlivesTheProcess makes one of everything, and finds it again.
func TestKeptOutlivesTheProcess(t *testing.T) {
	d := &drawer{records: map[string][]byte{}}
	with := func(o *Options, _ *proxy.Config) { o.Keep = d }
	w := open(t, with)
	policy := w.must(201, "POST", "/cache-policy", filled(cachePolicy, "n", "v"))
	control := w.must(201, "POST", "/origin-access-control", filled(accessControl, "n", "d"))
	made := w.must(201, "POST", "/distribution", strings.Replace(config("keep", ""), "658327ea-f89d-4fab-a63d-7e88639e58f6", policy.value("Id"), 1))
	at := "/tagging?Resource=" + url.QueryEscape(made.value("ARN"))
	w.must(204, "POST", at+"&Operation=Tag", "<Tags><Items><Tag><Key>k</Key><Value>v</Value></Tag></Items></Tags>")
	if d.calls != 4 {
		t.Errorf("got %d calls for 4 changes: each is to be one", d.calls)
	}
	paths := []string{"/cache-policy/" + policy.value("Id"), "/origin-access-control/" + control.value("Id"), "/distribution/" + made.value("Id"), at}
	var before []answer
	for _, p := range paths {
		before = append(before, w.must(200, "GET", p, ""))
	}
	w = open(t, with)
	for i, p := range paths {
		if got := w.must(200, "GET", p, ""); got.body != before[i].body || got.etag() != before[i].etag() {
			t.Errorf("%s: got %s, want %s", p, got.body, before[i].body)
		}
	}
	if _, body, _ := w.view("http://" + made.value("DomainName") + "/x?v=1&w=2"); body != "the origin's /x?v=1" {
		t.Errorf("got %q, want it served with its policy", body)
	}
	off := w.must(200, "PUT", "/distribution/"+made.value("Id")+"/config", w.changed(made.value("Id"), "<Enabled>true", "<Enabled>false"), "If-Match", made.etag())
	w.must(204, "DELETE", "/distribution/"+made.value("Id"), "", "If-Match", off.etag())
	w = open(t, with)
	w.must(404, "GET", "/distribution/"+made.value("Id"), "")
}

// TestWhatCannotBeKeptIsNotAcknowledged: nothing has changed, and nothing is served.
func TestWhatCannotBeKeptIsNotAcknowledged(t *testing.T) {
	d := &drawer{records: map[string][]byte{}}
	w := open(t, func(o *Options, _ *proxy.Config) { o.Keep = d })
	made := w.created("before")
	id, domain := made.value("Id"), made.value("DomainName")
	policy := w.must(201, "POST", "/cache-policy", filled(cachePolicy, "n", "v"))
	off := w.must(200, "PUT", "/distribution/"+id+"/config", w.changed(id, "<Comment>c", "<Comment>d"), "If-Match", made.etag())
	change := w.changed(id, "658327ea-f89d-4fab-a63d-7e88639e58f6", policy.value("Id"))
	d.broken = errors.New("the disk is full")
	for _, row := range []struct{ method, path, body, etag string }{
		{"POST", "/distribution", config("after", ""), ""},
		{"PUT", "/distribution/" + id + "/config", change, off.etag()},
		{"PUT", "/cache-policy/" + policy.value("Id"), filled(cachePolicy, "n", "w"), policy.etag()},
		{"DELETE", "/cache-policy/" + policy.value("Id"), "", policy.etag()},
	} {
		a := w.must(500, row.method, row.path, row.body, "If-Match", row.etag)
		if a.value("Type") != "Receiver" || !strings.Contains(a.value("Message"), "the disk is full") {
			t.Errorf("API-22: %s %s: got %s", row.method, row.path, a.body)
		}
	}
	if got := w.must(200, "GET", "/distribution/"+id, ""); got.etag() != off.etag() {
		t.Errorf("got %s, want the ETag of before", got.etag())
	}
	if got := w.must(200, "GET", "/distribution", ""); got.value("Quantity") != "1" || len(w.network.Distributions()) != 1 {
		t.Errorf("got %s", got.body)
	}
	if _, body, _ := w.view("http://" + domain + "/x?v=1"); body != "the origin's /x" {
		t.Errorf("got %q, want what was served before", body)
	}
}

// TestWhatCannotBeKeptIsNotServed: a policy under a distribution stays as it was.
func TestWhatCannotBeKeptIsNotServed(t *testing.T) {
	d := &drawer{records: map[string][]byte{}}
	w := open(t, func(o *Options, _ *proxy.Config) { o.Keep = d })
	policy := w.must(201, "POST", "/cache-policy", filled(cachePolicy, "n", "v"))
	made := w.must(201, "POST", "/distribution", strings.Replace(config("use", ""), "658327ea-f89d-4fab-a63d-7e88639e58f6", policy.value("Id"), 1))
	d.broken = errors.New("the disk is full")
	w.must(500, "PUT", "/cache-policy/"+policy.value("Id"), filled(cachePolicy, "n", "w"), "If-Match", policy.etag())
	if _, body, _ := w.view("http://" + made.value("DomainName") + "/x?v=1&w=2"); body != "the origin's /x?v=1" {
		t.Errorf("got %q, want what was served before", body)
	}
	d.broken = nil
	w.created("next")
	if _, body, _ := w.view("http://" + made.value("DomainName") + "/y?v=1&w=2"); body != "the origin's /y?v=1" {
		t.Errorf("after another change: got %q, want what was served before", body)
	}
}

// TestGivenDistributions: those of configuration files are there, too.
func TestGivenDistributions(t *testing.T) {
	d := &drawer{records: map[string][]byte{}}
	given, err := distribution.Simple("http://localhost:3000/base", cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"v"}})
	if err != nil {
		t.Fatal(err)
	}
	given.Origins[0].ID, given.Behaviors[0].TargetOriginID = "web", "web"
	given.Aliases = []string{"www.example.com"} // a file needs no certificate for it, and a change of another thing neither
	with := func(o *Options, c *proxy.Config) {
		o.Keep, c.Distributions, c.AnyHost = d, []*distribution.Distribution{given}, true
	}
	w := open(t, with)
	path := "/distribution/" + given.ID
	got := w.must(200, "GET", path, "")
	if got.value("DomainName") != given.Domain || !strings.Contains(got.body, "<OriginPath>/base</OriginPath>") {
		t.Errorf("got %s", got.body)
	}
	policy := "/cache-policy/" + got.value("CachePolicyId")
	if p := w.must(200, "GET", policy, ""); !strings.Contains(p.body, "<Items><Name>v</Name></Items>") {
		t.Errorf("its policy: got %s", p.body)
	}
	p := w.must(200, "GET", policy+"/config", "")
	if a := w.must(400, "PUT", policy, p.body, "If-Match", p.etag()); a.value("Code") != "IllegalUpdate" {
		t.Errorf("a policy of a file was changed: got %s", a.body)
	}
	at := "/tagging?Resource=" + url.QueryEscape(got.value("ARN"))
	w.must(204, "POST", at+"&Operation=Tag", "<Tags><Items><Tag><Key>k</Key><Value>v</Value></Tag></Items></Tags>")
	w = open(t, with)
	if again := w.must(200, "GET", path, ""); again.etag() != got.etag() {
		t.Errorf("the same file: got the ETag %s, then %s", got.etag(), again.etag())
	}
	if tags := w.must(200, "GET", at, ""); tags.value("Key") != "k" {
		t.Errorf("its tags outlive the process: got %s", tags.body)
	}
	if w.network.Distributions()[0] != given {
		t.Error("what is served is not what the file gave")
	}

	updated := w.must(200, "PUT", path+"/config", w.changed(given.ID, "<DefaultRootObject></DefaultRootObject>", "<DefaultRootObject>i.html</DefaultRootObject>"), "If-Match", got.etag())
	now := w.network.Distributions()[0]
	if now.DefaultRootObject != "i.html" || now.Origins[0].URL != given.Origins[0].URL {
		t.Errorf("got %+v, want the change, and the origin where it was", now)
	}
	made := w.created("beside")
	if ds := w.network.Distributions(); len(ds) != 2 || ds[0].ID != given.ID {
		t.Errorf("the given one is to be the first: %v", ds)
	}

	// The file is read again, with another comment: the API's change stays.
	reread := *given
	reread.Comment = "again"
	if err := w.api.Serve([]*distribution.Distribution{&reread, w.network.Distributions()[1]}); err != nil {
		t.Fatal(err)
	}
	if after := w.must(200, "GET", path, ""); after.etag() != updated.etag() {
		t.Errorf("got %s", after.body)
	}
	w.must(200, "GET", "/distribution/"+made.value("Id"), "")
	w.must(200, "GET", policy, "")
}

// TestShelfIsFilledLate: when nothing is kept, nobody can tell that the shelf is
// filled by whoever asks first, even after a file was read again.
func TestShelfIsFilledLate(t *testing.T) {
	first, err := distribution.Simple("http://localhost:3000", cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	given := []*distribution.Distribution{first}
	w := open(t, func(_ *Options, c *proxy.Config) { c.Distributions = given })
	w.now = began.Add(time.Hour)
	if err := w.api.Serve(given); err != nil {
		t.Fatal(err)
	}
	if got, want := w.must(200, "GET", "/distribution/"+first.ID, "").value("LastModifiedTime"), timestamp(began); got != want {
		t.Errorf("changed at %s, want %s, when the API was made", got, want)
	}
	w.must(200, "GET", "/cache-policy/658327ea-f89d-4fab-a63d-7e88639e58f6", "") // CachingOptimized
}

// TestGivenAgain reads a file again that has changed, one that is gone, and one that
// cannot be served.
func TestGivenAgain(t *testing.T) {
	first, err := distribution.Simple("http://localhost:3000", cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, func(_ *Options, c *proxy.Config) { c.Distributions = []*distribution.Distribution{first} })
	path := "/distribution/" + first.ID
	before := w.must(200, "GET", path, "")
	at := "/tagging?Resource=" + url.QueryEscape(before.value("ARN"))
	w.must(204, "POST", at+"&Operation=Tag", "<Tags><Items><Tag><Key>k</Key><Value>v</Value></Tag></Items></Tags>")
	changed := *first
	changed.Comment = "changed"
	if err := w.api.Serve([]*distribution.Distribution{&changed}); err != nil {
		t.Fatal(err)
	}
	after := w.must(200, "GET", path, "")
	if after.value("Comment") != "changed" || after.etag() == before.etag() {
		t.Errorf("got %s", after.body)
	}
	if tags := w.must(200, "GET", at, ""); tags.value("Key") != "k" {
		t.Errorf("its tags stay: got %s", tags.body)
	}
	broken := *first
	broken.Origins = []distribution.Origin{{ID: "x", URL: "://"}}
	if err := w.api.Serve([]*distribution.Distribution{&broken}); err == nil {
		t.Error("what cannot be served was")
	}
	if got := w.must(200, "GET", path, ""); got.body != after.body {
		t.Errorf("got %s, want %s", got.body, after.body)
	}
	// Another one refers to the policy of the file, which stays as long as it does.
	own, err := distribution.Simple("http://localhost:3000", cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"v"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.api.Serve([]*distribution.Distribution{own}); err != nil {
		t.Fatal(err)
	}
	policy := w.must(200, "GET", "/distribution/"+own.ID, "").value("CachePolicyId")
	made := w.must(201, "POST", "/distribution", strings.Replace(config("user", ""), "658327ea-f89d-4fab-a63d-7e88639e58f6", policy, 1))
	if err := w.api.Serve(nil); err != nil {
		t.Fatal(err)
	}
	w.must(404, "GET", path, "")
	w.must(404, "GET", "/distribution/"+own.ID, "")
	w.must(200, "GET", "/cache-policy/"+policy, "")
	w.must(200, "PUT", "/distribution/"+made.value("Id")+"/config", w.changed(made.value("Id"), "<Comment>c", "<Comment>d"), "If-Match", made.etag())
}

// TestManyAtOnce makes distributions and policies at the same time: all are there,
// all are served, and no caller reference was taken twice.
func TestManyAtOnce(t *testing.T) {
	w := open(t, func(o *Options, _ *proxy.Config) { o.Random = nil })
	var wait sync.WaitGroup
	answers := make([]answer, 20)
	for i := range answers {
		wait.Go(func() {
			answers[i] = w.call("POST", "/distribution", config(strconv.Itoa(i/2), ""))
			w.call("POST", "/cache-policy", filled(cachePolicy, "n"+strconv.Itoa(i), "v"))
			w.call("GET", "/distribution", "")
		})
	}
	wait.Wait()
	made := 0
	for _, a := range answers {
		if a.status != 201 {
			continue
		}
		made++
		if status, _, _ := w.view("http://" + a.value("DomainName") + "/"); status != 200 {
			t.Errorf("%s is not served: %d", a.value("Id"), status)
		}
	}
	if made != 10 || len(w.network.Distributions()) != 10 {
		t.Errorf("API-50: got %d made and %d served of 10 caller references", made, len(w.network.Distributions()))
	}
	if list := w.must(200, "GET", "/cache-policy?Type=custom", ""); list.value("Quantity") != "20" {
		t.Errorf("got %s policies, want 20", list.value("Quantity"))
	}
}
