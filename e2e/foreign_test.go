package e2e

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// foreign is a distribution known by its URL alone, and the origin behind it.
type foreign struct {
	url    string
	client http.Client

	mu     sync.Mutex // protects what follows
	script map[string]http.HandlerFunc
	asked  map[string][]string // methods and targets that reached the origin, by probe
	n      int
}

// startForeign is the distribution that STALEPROOF_BASE_URL names; without it the
// program is started with the same configuration, and with front for --front. See
// docs/REALDISTRIBUTION.md.
func startForeign(front string) *foreign {
	GinkgoHelper()
	f := &foreign{
		client: http.Client{
			Transport:     network{}.local(),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		script: map[string]http.HandlerFunc{}, asked: map[string][]string{},
	}
	f.url = os.Getenv("STALEPROOF_BASE_URL")
	listen := os.Getenv("STALEPROOF_ORIGIN_LISTEN")
	if listen == "" {
		listen = "127.0.0.1:0"
		if f.url != "" {
			listen = ":8000"
		}
	}
	l, err := net.Listen("tcp", listen)
	Expect(err).NotTo(HaveOccurred())
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: f}}
	server.Start()
	DeferCleanup(server.Close)
	if f.url == "" {
		_, port, _ := net.SplitHostPort(l.Addr().String())
		config := bytes.ReplaceAll([]byte(read("../docs/real-distribution.json")), []byte("ORIGIN_DOMAIN"), []byte("127.0.0.1"))
		config = bytes.ReplaceAll(config, []byte("8000"), []byte(port))
		f.url = serve("--front", front, "--config", file("real-distribution.json", string(config))).url
	}
	return f
}

// ServeHTTP lets the probe that a path belongs to answer: "/PROBE/…".
func (f *foreign) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	probe, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	f.mu.Lock()
	f.asked[probe] = append(f.asked[probe], r.Method+" "+r.RequestURI)
	answer := f.script[probe]
	f.mu.Unlock()
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

// probe is one question about one row, with paths of its own.
type probe struct {
	*foreign
	name string
}

// ask makes a probe whose origin answers so; each has paths that nobody asked for before.
func (f *foreign) ask(answer http.HandlerFunc) *probe {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	name := fmt.Sprintf("probe-%d-%d", time.Now().UnixNano(), f.n)
	f.script[name] = answer
	return &probe{f, name}
}

func (p *probe) reached() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked[p.name])
}

// send asks for "METHOD /path" of this probe; headers are "Name: value".
func (p *probe) send(what string, headers ...string) answer {
	method, path, ok := strings.Cut(what, " ")
	if !ok {
		method, path = http.MethodGet, what
	}
	r, err := http.NewRequest(method, p.url+"/"+p.name+path, nil)
	if err != nil {
		return answer{header: http.Header{}, body: err.Error()}
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	res, err := p.client.Do(r)
	if err != nil {
		return answer{header: http.Header{}, body: err.Error()}
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(b)}
}

// patient is how often a probe asks before it believes that something is not
// cached: the servers of an edge location do not know of each other's objects.
const patient = 5

// hits reports what was not a hit, asking first with the one and then with the
// other request.
func (p *probe) hits(first, second string, headers ...string) string {
	var got answer
	for range patient {
		p.send(first)
		if got = p.send(second, headers...); got.result() == "Hit" {
			return ""
		}
	}
	return fmt.Sprintf("%s after %s: %d %s, want a Hit", second, first, got.status, cmp.Or(got.result(), got.body))
}

// misses reports when the second request was answered without asking the origin.
func (p *probe) misses(first, second string, headers ...string) string {
	p.send(first)
	before := p.reached()
	if got := p.send(second, headers...); p.reached() == before {
		return fmt.Sprintf("%s after %s: %d %s, the origin was not asked", second, first, got.status, got.result())
	}
	return ""
}

// saying answers with a status, headers and a body.
func saying(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Add(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// thenFailing answers once as told, and ever after with 500.
func thenFailing(first http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	seen := map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		again := seen[r.URL.Path]
		seen[r.URL.Path] = true
		mu.Unlock()
		if again {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		first(w, r)
	}
}

var _ = Describe("a real distribution", Label("real-distribution"), func() {
	for _, front := range fronts() {
		It("is as the inferred and disputed rows have it, behind the front "+front, func() { tryProbes(startForeign(front)) })
	}
})

// fronts are what may read the viewers' requests. A real distribution has its own.
func fronts() []string {
	if os.Getenv("STALEPROOF_BASE_URL") != "" {
		return []string{"of its own"}
	}
	return []string{"own", "net/http"}
}

// tryProbes tries all probes at once.
func tryProbes(f *foreign) {
	GinkgoHelper()
	blamed := make([]string, len(probes))
	var all sync.WaitGroup
	for i, row := range probes {
		all.Go(func() {
			if said := row.try(f.ask(row.origin)); said != "" {
				blamed[i] = row.name + ": " + said
			}
		})
	}
	all.Wait()
	var failed []string
	for i, said := range blamed {
		if said == "" {
			fmt.Fprintln(GinkgoWriter, "holds:", probes[i].name)
			continue
		}
		failed = append(failed, said)
	}
	Expect(failed).To(BeEmpty(), "of %d rows tried at %s", len(probes), f.url)
}
