package cloudfront

import (
	"net/url"
	"strings"
	"testing"
)

func TestTags(t *testing.T) {
	w := open(t, nil)
	inner := strings.Replace(config("tagged", ""), ` xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"`, "", 1)
	d := w.must(201, "POST", "/distribution?WithTags", "<DistributionConfigWithTags>"+inner+
		"<Tags><Items><Tag><Key>Team</Key><Value>web</Value></Tag></Items></Tags></DistributionConfigWithTags>")
	at := "/tagging?Resource=" + url.QueryEscape(d.value("ARN"))
	tags := func() string { t.Helper(); return w.must(200, "GET", at, "").value("Items") }
	if got, want := tags(), "<Tag><Key>Team</Key><Value>web</Value></Tag>"; got != want {
		t.Errorf("API-07, API-101, API-175: got %s, want %s", got, want)
	}
	if a := w.must(204, "POST", at+"&Operation=Tag", "<Tags><Items><Tag><Key>Env</Key><Value>test</Value></Tag><Tag><Key>Team</Key><Value>b</Value></Tag></Items></Tags>"); a.body != "" {
		t.Errorf("API-204: got %q", a.body)
	}
	w.must(204, "POST", at+"&Operation=Untag", "<TagKeys><Items><Key>Team</Key><Key>None</Key></Items></TagKeys>")
	if got, want := tags(), "<Tag><Key>Env</Key><Value>test</Value></Tag>"; got != want {
		t.Errorf("API-176, API-177: got %s, want %s", got, want)
	}
	if now := w.must(200, "GET", "/distribution/"+d.value("Id"), ""); now.etag() != d.etag() {
		t.Error("tags have changed the ETag")
	}
	id := d.value("Id")
	w.must(200, "PUT", "/distribution/"+id+"/config", w.changed(id, "<Comment>c", "<Comment>d"), "If-Match", d.etag())
	if got := tags(); got == "" {
		t.Error("an update has taken the tags away")
	}
	for _, row := range []struct {
		name, path, body string
		status           int
		code             string
	}{
		{"API-23: no such distribution", "/tagging?Resource=" + url.QueryEscape("arn:aws:cloudfront::123456789012:distribution/ENONE"), "", 404, "NoSuchResource"},
		{"API-12: no ARN", "/tagging?Resource=E1", "", 400, "InvalidArgument"},
		{"API-27: a key of AWS", at + "&Operation=Tag", "<Tags><Items><Tag><Key>aws:x</Key></Tag></Items></Tags>", 400, "InvalidTagging"},
		{"API-07: no operation", at + "&Operation=Other", "<Tags/>", 400, "InvalidURI"},
	} {
		method := "GET"
		if row.body != "" {
			method = "POST"
		}
		if a := w.call(method, row.path, row.body); a.status != row.status || a.value("Code") != row.code {
			t.Errorf("%s: got %d %s, want %d %s", row.name, a.status, a.body, row.status, row.code)
		}
	}
}
