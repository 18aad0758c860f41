package distribution

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"staleproof/cachepolicy"
)

// TestManagedAWS reads back what is written, and finds the policies themselves.
func TestManagedAWS(t *testing.T) {
	r, shelf := &reader{}, newShelf()
	dec := json.NewDecoder(bytes.NewReader(ManagedAWS()))
	for dec.More() {
		var doc json.RawMessage
		if err := dec.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		roots, err := parse(Source{Name: "managed", Data: doc})
		if err != nil {
			t.Fatal(err)
		}
		r.shelve(roots[0], shelf)
	}
	if err := joined(r.found); err != nil {
		t.Fatal(err)
	}
	for _, want := range cachepolicy.Managed() {
		got := shelf.cache[want.ID].value
		if !strings.HasSuffix(got.Name, want.Name) {
			t.Errorf("CFG-21: %s: got the name %s", want.Name, got.Name)
		}
		if got.Name = want.Name; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	for _, want := range cachepolicy.ManagedOriginRequestPolicies() {
		got := shelf.request[want.ID].value
		if got.Name = want.Name; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	for _, want := range ManagedResponseHeadersPolicies() {
		got := shelf.response[want.ID].value
		if got.Name = want.Name; !reflect.DeepEqual(got.CORS, want.CORS) || len(got.Set) != len(want.Set) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if s := string(ManagedAWS()); !strings.Contains(s, `"Name": "UseOriginCacheControlHeaders"`) || !strings.Contains(s, `"CloudFront-Viewer-ASN"`) {
		t.Error("MCP-10: names are not those of the API")
	}
}
