package cloudfront

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"staleproof/proxy"
)

func batch(reference string, paths ...string) string {
	var items strings.Builder
	for _, p := range paths {
		items.WriteString("<Path>" + p + "</Path>")
	}
	return fmt.Sprintf(`<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Paths><Quantity>%d</Quantity><Items>%s</Items></Paths><CallerReference>%s</CallerReference></InvalidationBatch>`,
		len(paths), items.String(), reference)
}

func TestInvalidationLives(t *testing.T) {
	w := open(t, func(_ *Options, c *proxy.Config) { c.InvalidationDelay = 20 * time.Second })
	d := w.created("d")
	path := "/distribution/" + d.value("Id")
	url := "http://" + d.value("DomainName") + "/x"
	w.view(url)
	created := w.must(201, "POST", path+"/invalidation", batch("r", "/x", "/y*"))
	id := created.value("Id")
	if created.value("Status") != "InProgress" || created.etag() != "" || !strings.HasSuffix(created.header.Get("Location"), path+"/invalidation/"+id) {
		t.Errorf("API-117, API-320, INV-19: got %s %v", created.body, created.header)
	}
	if !regexp.MustCompile("^I[A-Z0-9]{13}$").MatchString(id) {
		t.Errorf("API-11: got the id %s", id)
	}
	if want := "<InvalidationBatch><Paths><Quantity>2</Quantity><Items><Path>/x</Path><Path>/y*</Path></Items></Paths><CallerReference>r</CallerReference></InvalidationBatch>"; !strings.Contains(created.body, want) {
		t.Errorf("got %s, want %s", created.body, want)
	}
	if got := w.must(200, "GET", path, ""); got.value("InProgressInvalidationBatches") != "1" {
		t.Errorf("API-260: got %s", got.body)
	}
	if _, _, result := w.view(url); result != "Hit" {
		t.Errorf("the delay is not over: got %s", result)
	}
	if again := w.must(201, "POST", path+"/invalidation", batch("r", "/y*", "/x")); again.value("Id") != id {
		t.Errorf("INV-22: got %s", again.body)
	}
	w.now = w.now.Add(20 * time.Second)
	if got := w.must(200, "GET", path+"/invalidation/"+id, ""); got.value("Status") != "Completed" {
		t.Errorf("API-321, API-341: got %s", got.body)
	}
	if _, _, result := w.view(url); result != "Miss" {
		t.Errorf("INV-01: got %s", result)
	}
	second := w.must(201, "POST", path+"/invalidation", batch("s", "/z"))
	list := w.must(200, "GET", path+"/invalidation?MaxItems=1", "")
	if list.value("NextMarker") != second.value("Id") || list.value("IsTruncated") != "true" {
		t.Errorf("API-328: the youngest is not first: %s", list.body)
	}
	if rest := w.must(200, "GET", path+"/invalidation?Marker="+second.value("Id"), ""); rest.value("Quantity") != "1" || rest.value("Id") != id {
		t.Errorf("API-48: got %s", rest.body)
	}
	other := w.created("other")
	if a := w.must(404, "GET", "/distribution/"+other.value("Id")+"/invalidation/"+id, ""); a.value("Code") != "NoSuchInvalidation" {
		t.Errorf("API-328: got %s", a.body)
	}
	if list := w.must(200, "GET", "/distribution/"+other.value("Id")+"/invalidation", ""); list.value("Quantity") != "0" {
		t.Errorf("another distribution's: got %s", list.body)
	}
}

func TestInvalidationIsRefused(t *testing.T) {
	var many []string
	for i := range 3001 {
		many = append(many, fmt.Sprintf("/%d", i))
	}
	for _, tt := range []struct {
		name, path, body string
		status           int
		code, want       string
	}{
		{"API-37: no slash", "", batch("r", "a"), 400, "InvalidArgument", "Your request contains one or more invalid invalidation paths."},
		{"INV-24: Quantity is not the number of paths", "", strings.Replace(batch("r", "/a"), ">1<", ">2<", 1), 400, "InconsistentQuantities", ""},
		{"INV-24: no body", "", "", 400, "MissingBody", ""},
		{"INV-23: the reference with other paths", "", batch("before", "/other"), 400, "InvalidationBatchAlreadyExists", ""},
		{"INV-17: one too many", "", batch("r", many...), 413, "BatchTooLarge", ""},
		{"INV-18: 16 wildcards", "", batch("r", strings.Split(strings.Repeat("/*,", 15)+"/*", ",")...), 400, "TooManyInvalidationsInProgress",
			"Processing your request will cause you to exceed the maximum number of in-progress invalidations."},
		{"API-320: no reference", "", batch("", "/a"), 400, "InvalidArgument", "CallerReference"},
		{"API-31: no such distribution", "ENONE", batch("r", "/a"), 404, "NoSuchDistribution", "The specified distribution does not exist."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t, nil)
			id := w.created("d").value("Id")
			w.must(201, "POST", "/distribution/"+id+"/invalidation", batch("before", "/b"))
			if tt.path == "" {
				tt.path = id
			}
			a := w.must(tt.status, "POST", "/distribution/"+tt.path+"/invalidation", tt.body)
			if a.value("Code") != tt.code || !strings.Contains(a.value("Message"), tt.want) {
				t.Errorf("got %s, want %s %q", a.body, tt.code, tt.want)
			}
		})
	}
}
