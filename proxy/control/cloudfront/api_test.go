package cloudfront

import (
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// began is the cache time at which every test begins.
var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is an API, the network it works on, and a cache time that only moves when
// it is told to.
type world struct {
	t       *testing.T
	api     *API
	network *proxy.Network
	door    http.Handler
	now     time.Time
	notes   []string
}

// open makes a world. Origins called web answer with the path they were asked for.
func open(t *testing.T, change func(*Options, *proxy.Config)) *world {
	t.Helper()
	w := &world{t: t, now: began}
	now := func() time.Time { return w.now }
	config := proxy.Config{
		Now: now, MemoryBytes: 8 << 20, Seed: "api",
		Origins: map[string]http.RoundTripper{"web": proxy.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=3600")
			io.WriteString(w, "the origin's "+r.URL.RequestURI())
		}))},
	}
	options := Options{
		Now: now, Random: rand.NewChaCha8([32]byte{}),
		Note: func(id string, n distribution.Note) { w.notes = append(w.notes, n.Path+": "+n.Message) },
	}
	if change != nil {
		change(&options, &config)
	}
	var err error
	if w.network, err = proxy.NewNetwork(config, 1, false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.network.Close() })
	options.Network = w.network
	if w.api, err = New(options); err != nil {
		t.Fatal(err)
	}
	w.door = w.api.Handler()
	return w
}

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends a request as boto3 does: without a Content-Type. [API-03]
func (w *world) call(method, path, body string, header ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:9180/2020-05-31"+path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

// must is call for what has to go well.
func (w *world) must(status int, method, path, body string, header ...string) answer {
	w.t.Helper()
	a := w.call(method, path, body, header...)
	if a.status != status {
		w.t.Fatalf("%s %s: got %d, want %d: %s (%s)", method, path, a.status, status, a.body, a.header.Get("Staleproof-Detail"))
	}
	return a
}

// value is the text of the first element with that name; "" if there is none.
func (a answer) value(name string) string {
	_, rest, _ := strings.Cut(a.body, "<"+name+">")
	value, _, _ := strings.Cut(rest, "</"+name+">")
	return html.UnescapeString(value)
}

func (a answer) etag() string { return a.header.Get("Etag") }

// view asks the edge for a URL, and says what it answered and X-Cache's word.
func (w *world) view(url string) (status int, body, result string) {
	w.t.Helper()
	res, err := w.network.RoundTrip(httptest.NewRequest(http.MethodGet, url, nil))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	result, _, _ = strings.Cut(res.Header.Get("X-Cache"), " ")
	return res.StatusCode, string(b), result
}

// config is a small distribution as a client sends it, with more at its end.
func config(reference, more string) string {
	return fmt.Sprintf(`<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><CallerReference>%s</CallerReference>`+
		`<Origins><Quantity>1</Quantity><Items><Origin><Id>web</Id><DomainName>web.example</DomainName><CustomOriginConfig><HTTPPort>80</HTTPPort>`+
		`<HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>http-only</OriginProtocolPolicy></CustomOriginConfig></Origin></Items></Origins>`+
		`<DefaultCacheBehavior><TargetOriginId>web</TargetOriginId><ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy>`+
		`<CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId></DefaultCacheBehavior><Comment>c</Comment><Enabled>true</Enabled>%s</DistributionConfig>`,
		reference, more)
}

// created makes a distribution.
func (w *world) created(reference string) answer {
	w.t.Helper()
	return w.must(201, "POST", "/distribution", config(reference, ""))
}

func TestCreatedDistributionIsServedAtOnce(t *testing.T) {
	w := open(t, nil)
	a := w.created("one")
	domain := a.value("DomainName")
	if status, body, result := w.view("http://" + domain + "/x?y=1"); status != 200 || body != "the origin's /x" || result != "Miss" {
		t.Errorf("API-100: got %d %q %s", status, body, result)
	}
	if _, _, result := w.view("http://" + domain + "/x"); result != "Hit" {
		t.Errorf("got %s, want Hit", result)
	}
	if status, _, _ := w.view("http://other.example/x"); status != 403 {
		t.Errorf("a host of nobody: got %d, want 403", status)
	}
}
