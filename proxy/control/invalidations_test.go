package control

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// open is a door to a network with one edge location, and a viewer's way to it.
func open(t *testing.T, delay time.Duration) (call func(method, path, body string) (int, string), get func(path string)) {
	t.Helper()
	d, err := distribution.Simple("http://web.example", cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	clock := &proxy.Clock{}
	nw, err := proxy.NewNetwork(proxy.Config{
		Distributions: []*distribution.Distribution{d}, AnyHost: true, Now: clock.Now, InvalidationDelay: delay, MemoryBytes: 8 << 20,
		Origins: map[string]http.RoundTripper{"origin": proxy.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "hello")
		}))},
	}, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nw.Close() })
	door := (&Door{Network: nw, Clock: clock}).Handler()
	call = func(method, path, body string) (int, string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "http://127.0.0.1"+Prefix+path, strings.NewReader(body))
		door.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	get = func(path string) {
		res, err := nw.RoundTrip(httptest.NewRequest(http.MethodGet, "http://d.example"+path, nil))
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	return call, get
}

func TestRefusalsHaveAWSNamesAndStatuses(t *testing.T) {
	tests := []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"INV-24: Quantity is not the number of items", "POST", "batches", `{"Paths": {"Quantity": 2, "Items": ["/a"]}}`, 400, "InconsistentQuantities"},
		{"INV-24: no body", "POST", "batches", "", 400, "MissingBody"},
		{"INV-24: an unknown distribution", "POST", "batches?distribution=ENONE", `{"Paths": {"Quantity": 1, "Items": ["/a"]}}`, 404, "NoSuchDistribution"},
		{"INV-24: an unknown invalidation", "GET", "invalidations/INONE", "", 404, "NoSuchInvalidation"},
		{"INV-18: 16 wildcards", "POST", "invalidations", `{"paths": [` + strings.Repeat(`"/a*",`, 15) + `"/a*"]}`, 400, "TooManyInvalidationsInProgress"},
		{"INV-03: a path without a slash", "POST", "invalidations", `{"paths": ["a"]}`, 400, "InvalidArgument"},
		{"INV-20: nothing is deleted", "DELETE", "invalidations/I1", "", 404, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			call, _ := open(t, 0)
			status, body := call(tt.method, tt.path, tt.body)
			var said failure
			if err := json.Unmarshal([]byte(body), &said); err != nil || status != tt.status || said.Code != tt.code || said.Error == "" {
				t.Errorf("got %d %s, want %d %s", status, body, tt.status, tt.code)
			}
		})
	}
}

func TestInvalidationsAreReported(t *testing.T) {
	call, get := open(t, 20*time.Second)
	get("/a")
	get("/same")
	status, body := call("POST", "invalidations", `{"paths": ["/a", "/nothing"], "callerReference": "r"}`)
	var done InvalidationReport
	if err := json.Unmarshal([]byte(body), &done); err != nil || status != 200 {
		t.Fatalf("got %d %s", status, body)
	}
	if done.Status != "InProgress" || len(done.Items[0].Covered) != 1 || done.Items[1].Covered == nil || len(done.Items[1].Covered) != 0 {
		t.Errorf("got %+v, want it in progress, one key for /a, an empty list for /nothing", done)
	}
	if len(done.Twins) != 1 || !strings.Contains(done.Twins[0].Key, "/same") {
		t.Errorf("got %+v, want /same as a twin", done.Twins)
	}
	call("POST", "clock", `{"advance": "20s"}`)
	if _, body := call("GET", "invalidations/"+done.ID, ""); !strings.Contains(body, `"Completed"`) {
		t.Errorf("INV-19: after 20 s: %s", body)
	}
	_, brief := call("POST", "invalidations", `{"paths": ["/b"], "brief": true}`)
	if !strings.Contains(brief, `"covered": null`) {
		t.Errorf("a brief one has a report: %s", brief)
	}
	if _, list := call("GET", "invalidations", ""); strings.Count(list, `"id"`) != 2 {
		t.Errorf("the list: %s", list)
	}
	if _, bill := call("GET", "bill", ""); !strings.Contains(bill, `"paths": 3`) {
		t.Errorf("the bill: %s", bill)
	}
}

// Pages of every size have every invalidation once, the youngest first, and no page
// moves when one more is sent meanwhile.
func TestInvalidationsByPages(t *testing.T) {
	for limit := 1; limit <= 8; limit++ {
		call, _ := open(t, 0)
		for i := range 7 {
			call("POST", "invalidations", fmt.Sprintf(`{"paths": ["/%d"], "brief": true}`, i))
		}
		var got []string
		for after, last := "", false; !last; {
			status, body := call("GET", fmt.Sprintf("invalidations?limit=%d&after=%s", limit, after), "")
			var page []InvalidationReport
			if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 || len(page) > limit || len(got) > 7 {
				t.Fatalf("pages of %d: %d %s", limit, status, body)
			}
			for _, p := range page {
				got, after = append(got, p.Items[0].Item), p.ID
			}
			last = len(page) < limit
			call("POST", "invalidations", `{"paths": ["/later"], "brief": true}`)
		}
		if s := strings.Join(got, " "); s != "/6 /5 /4 /3 /2 /1 /0" {
			t.Errorf("pages of %d: got %s", limit, s)
		}
	}
}

func TestInvalidationsPageIsBounded(t *testing.T) {
	call, _ := open(t, 0)
	for i := range defaultPage + 1 {
		call("POST", "invalidations", fmt.Sprintf(`{"paths": ["/%d"], "brief": true}`, i))
	}
	for query, want := range map[string]int{"": defaultPage, "?limit=1000": defaultPage + 1, "?limit=3": 3} {
		var page []InvalidationReport
		if _, body := call("GET", "invalidations"+query, ""); json.Unmarshal([]byte(body), &page) != nil || len(page) != want || page[0].Items[0].Item != "/100" {
			t.Errorf("%q: %d of them, want %d from /100 on", query, len(page), want)
		}
	}
	for query, want := range map[string]string{
		"limit=0": "limit: ", "limit=1001": "limit: ", "limit=x": "limit: ", "after=INONE": "after: NoSuchInvalidation: there is no invalidation INONE",
	} {
		if status, body := call("GET", "invalidations?"+query, ""); status != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: got %d %s, want %q", query, status, body, want)
		}
	}
}
