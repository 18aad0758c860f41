package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"staleproof/docs"
)

// document is the served description of the calls, valid with all its examples.
func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// The document has the routes of the door, all of them and no others, and their parameters.
func TestDocumentHasEveryRoute(t *testing.T) {
	h := newHouse(t)
	defer h.close()
	var routes, documented []string
	for _, r := range h.routes() {
		routes = append(routes, r.method+" "+r.path+" "+strings.Join(slices.Sorted(slices.Values(r.query)), ","))
	}
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			var query []string
			for _, p := range op.Parameters {
				if p.Value.In == "query" {
					query = append(query, p.Value.Name)
				}
			}
			documented = append(documented, method+" "+path+" "+strings.Join(slices.Sorted(slices.Values(query)), ","))
		}
	}
	slices.Sort(routes)
	slices.Sort(documented)
	if !slices.Equal(routes, documented) {
		t.Errorf("the door has\n%s\nthe document\n%s", strings.Join(routes, "\n"), strings.Join(documented, "\n"))
	}
	if _, body := h.call("GET", "openapi.yaml", ""); body != string(docs.OpenAPI) {
		t.Error("what is served is not the document")
	}
}

// parameters are the examples of a call's parameters, put into its URL.
func parameters(path string, op *openapi3.Operation) string {
	query := url.Values{}
	for _, p := range op.Parameters {
		if p.Value.In == "query" && p.Value.Example != nil {
			query.Set(p.Value.Name, fmt.Sprint(p.Value.Example))
		}
	}
	return path + "?" + query.Encode()
}

// Every call is made with every example body of the document, and with the examples
// of its parameters; request and answer are what the document says.
func TestDocumentIsTrue(t *testing.T) {
	doc := document(t)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		for method, op := range doc.Paths.Value(path).Operations() {
			bodies := map[string]any{"": nil}
			if op.RequestBody != nil {
				bodies = map[string]any{}
				for name, example := range op.RequestBody.Value.Content.Get("application/json").Examples {
					bodies[name] = example.Value.Value
				}
			}
			for name, body := range bodies {
				t.Run(op.OperationID+" "+name, func(t *testing.T) {
					h := newHouse(t)
					defer h.close()
					h.get("http://www.example.com/a", "1")
					_, sent := h.call("POST", "invalidations", `{"paths": ["/x"]}`)
					_, id, _ := strings.Cut(sent, `"id": "`)
					h.call("POST", "faults", `{"name": "there", "type": "timeout"}`)
					at := strings.NewReplacer("{id}", id[:strings.IndexByte(id+`"`, '"')], "{name}", "there").Replace(parameters(path, op))
					if op.OperationID == "events" {
						h.Feed.Close() // it would not end
					}
					text := ""
					if body != nil {
						text = jsonText(t, body)
					}
					h.check(router, method, at, text, op.OperationID == "events")
				})
			}
		}
	}
}

// Refusals are what the document says, too.
func TestRefusalsAreDocumented(t *testing.T) {
	router, err := gorillamux.NewRouter(document(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ method, path, body string }{
		{"GET", "clock?x=1", ""}, {"GET", "keys?pth=/a", ""}, {"DELETE", "faults?name=x", ""}, {"GET", "counts?x", ""},
		{"POST", "clock", `{}`}, {"POST", "invalidations", `{"paths": ["a"]}`}, {"GET", "invalidations/I0", ""}, {"POST", "batches", `{"Paths": {"Quantity": 2}}`},
		{"GET", "bill?month=x", ""}, {"GET", "explain?url=x", ""}, {"GET", "keys?limit=0", ""}, {"GET", "invalidations?limit=0", ""}, {"GET", "invalidations?after=I0", ""}, {"POST", "forget", `{"path": "x"}`}, {"POST", "reset", `x`},
		{"POST", "faults", `{"type": "x"}`}, {"DELETE", "faults/x", ""}, {"GET", "events?kind=x", ""},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			h := newHouse(t)
			defer h.close()
			h.check(router, tt.method, Prefix+tt.path, tt.body, true)
		})
	}
}

// check makes a call and holds it against the document; refused says that the
// request is wrong, and the answer an error.
func (h *house) check(router routers.Router, method, path, body string, refused bool) {
	h.t.Helper()
	r := request(method, path, body)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		h.t.Fatal(err)
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	if !refused {
		if err := openapi3filter.ValidateRequest(h.t.Context(), in); err != nil {
			h.t.Errorf("the request is not what the document says: %v", err)
		}
		r.Body = io.NopCloser(strings.NewReader(body))
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if (w.Code >= 400) != refused {
		h.t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w.Header().Get("Content-Type") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		h.t.Errorf("the header is %v", w.Header())
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: w.Code, Header: w.Header()}
	out.SetBodyBytes(w.Body.Bytes())
	if err := openapi3filter.ValidateResponse(h.t.Context(), out); err != nil {
		h.t.Errorf("the answer is not what the document says: %v", err)
	}
}

// Events are what the document says, whatever their kind.
func TestEventsAreDocumented(t *testing.T) {
	schemas := document(t).Components.Schemas
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer h.close()
		l := h.listen("")
		h.call("POST", "faults", `{"type": "limit_data", "path": "/cut"}`)
		for _, path := range []string{"/a", "/a", "/cut"} {
			h.get("http://d.example"+path, "2")
		}
		h.call("POST", "invalidations", `{"paths": ["/a"]}`)
		h.call("POST", "reset", "")
		h.Feed.Close()
		kinds := map[string]bool{}
		for line := l.line(); line != "end"; line = l.line() {
			name, isName := strings.CutPrefix(line, "event: ")
			if isName {
				kinds[name] = true
			}
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok {
				continue
			}
			var v any
			if err := json.Unmarshal([]byte(data), &v); err != nil {
				t.Fatal(err)
			}
			if err := schemas["Event"].Value.VisitJSON(v); err != nil {
				t.Errorf("%s: %v", data, err)
			}
		}
		for _, kind := range []string{"arrived", "fetching", "replied", "stored", "refused", "answered", "invalidated", "reset"} {
			if !kinds[kind] {
				t.Errorf("no event %s", kind)
			}
		}
	})
	var documented []string
	for _, kind := range schemas["Event"].Value.Properties["kind"].Value.Enum {
		documented = append(documented, kind.(string))
	}
	for _, kind := range kinds {
		if !slices.Contains(documented, string(kind)) {
			t.Errorf("the document has no event %s", kind)
		}
	}
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
