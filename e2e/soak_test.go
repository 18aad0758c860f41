package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const (
	soakObjects = 400
	soakAtOnce  = 64  // requests
	soakRate    = 200 // requests a second, STALEPROOF_SOAK_RATE
	soakShort   = 15 * time.Second
	soakMemory  = 16       // MiB for stored responses
	soakSlack   = 12 << 20 // of heap: what the collector lets pile up differs that much
)

// soak is a load of all kinds on one edge.
type soak struct {
	e       *edge
	have    *objects
	clients []soakClient
	fresh   int // the next object that nobody has asked for

	mu    sync.Mutex // protects what follows
	count map[string]map[string]int
	wrong []string
	bytes int64
	tags  map[int]string // the last one seen
}

type soakClient struct {
	name, url  string
	h2, narrow bool
	http       *http.Client
}

// note counts an outcome of a kind of request.
func (s *soak) note(kind, outcome string, n int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count[kind] == nil {
		s.count[kind] = map[string]int{}
	}
	s.count[kind][outcome]++
	s.bytes += n
	if err != nil {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: %v", kind, err))
	}
}

// Kinds of requests, each with its share.
var soakKinds = []struct {
	name  string
	share int
	do    func(s *soak, c soakClient, n int, r *rand.Rand) (outcome string, got int64, err error)
}{
	{"the same objects", 50, (*soak).whole},
	{"an object for the first time", 12, (*soak).whole},
	{"a range", 12, (*soak).part},
	{"with If-None-Match", 8, (*soak).again},
	{"HEAD", 4, (*soak).head},
	{"a reader who leaves", 5, (*soak).leave},
	{"a reader who is slow", 4, (*soak).slow},
	{"a POST", 5, (*soak).post},
}

// ask sends a request; an outcome says that this is the end of it.
func (s *soak) ask(ctx context.Context, c soakClient, method string, n int, field, value string) (res *http.Response, outcome string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("%s/o/%d", c.url, n), nil)
	if err != nil {
		return nil, "", err
	}
	if field != "" {
		req.Header.Set(field, value)
	}
	if res, err = c.http.Do(req); err != nil {
		return nil, "no answer", fmt.Errorf("%s %s %s: %w", c.name, method, req.URL.Path, err)
	}
	if res.StatusCode >= 500 {
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		return nil, strconv.Itoa(res.StatusCode), nil
	}
	return res, "", nil
}

// read reads a body and checks it.
func (s *soak) read(c soakClient, n int, sure uint64, res *http.Response, at int64, whole bool, from io.Reader) (string, int64, error) {
	body, err := io.ReadAll(from)
	if err != nil {
		return "cut", int64(len(body)), nil // a fault of the origin's, that is told
	}
	outcome := fmt.Sprint(res.StatusCode, " ", answer{header: res.Header}.result())
	if err := s.have.check(n, sure, res, at, body, whole); err != nil {
		return outcome, int64(len(body)), fmt.Errorf("%s /o/%d: %s: %w", c.name, n, outcome, err)
	}
	s.mu.Lock()
	s.tags[n] = res.Header.Get("Etag")
	s.mu.Unlock()
	return outcome, int64(len(body)), nil
}

func (s *soak) whole(c soakClient, n int, _ *rand.Rand) (string, int64, error) {
	sure := s.have.sure(n)
	res, outcome, err := s.ask(context.Background(), c, http.MethodGet, n, "", "")
	if res == nil {
		return outcome, 0, err
	}
	defer res.Body.Close()
	return s.read(c, n, sure, res, 0, true, res.Body)
}

func (s *soak) part(c soakClient, n int, r *rand.Rand) (string, int64, error) {
	sure, size := s.have.sure(n), objectBytes(n)
	first := r.Int64N(size)
	last := first + r.Int64N(size-first)
	res, outcome, err := s.ask(context.Background(), c, http.MethodGet, n, "Range", fmt.Sprintf("bytes=%d-%d", first, last))
	if res == nil {
		return outcome, 0, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK { // an object without a known length
		return s.read(c, n, sure, res, 0, true, res.Body)
	}
	want := fmt.Sprintf("bytes %d-%d/%d", first, last, size)
	if got := res.Header.Get("Content-Range"); res.StatusCode != http.StatusPartialContent || got != want {
		return "wrong", 0, fmt.Errorf("%s /o/%d: %d %s, want %s", c.name, n, res.StatusCode, got, want)
	}
	outcome, got, err := s.read(c, n, sure, res, first, false, res.Body)
	if err == nil && outcome != "cut" && got != last-first+1 {
		err = fmt.Errorf("%s /o/%d: %d bytes of %s", c.name, n, got, want)
	}
	return outcome, got, err
}

func (s *soak) again(c soakClient, n int, _ *rand.Rand) (string, int64, error) {
	s.mu.Lock()
	tag := s.tags[n]
	s.mu.Unlock()
	sure := s.have.sure(n)
	if tag == "" {
		return s.whole(c, n, nil)
	}
	res, outcome, err := s.ask(context.Background(), c, http.MethodGet, n, "If-None-Match", tag)
	if res == nil {
		return outcome, 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNotModified {
		return s.read(c, n, sure, res, 0, true, res.Body)
	}
	outcome = "304 " + answer{header: res.Header}.result()
	var object int
	var v uint64
	if _, err := fmt.Sscanf(tag, `"%d-%d"`, &object, &v); err != nil || v < sure || res.Header.Get("Etag") != tag {
		return outcome, 0, fmt.Errorf("%s /o/%d: 304 with %s to %s, want version %d at least (%v)", c.name, n, res.Header.Get("Etag"), tag, sure, err)
	}
	return outcome, 0, nil
}

func (s *soak) head(c soakClient, n int, _ *rand.Rand) (string, int64, error) {
	sure := s.have.sure(n)
	res, outcome, err := s.ask(context.Background(), c, http.MethodHead, n, "", "")
	if res == nil {
		return outcome, 0, err
	}
	defer res.Body.Close()
	return s.read(c, n, sure, res, 0, false, res.Body)
}

// leave reads a little and hangs up.
func (s *soak) leave(c soakClient, n int, r *rand.Rand) (string, int64, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sure := s.have.sure(n)
	res, outcome, err := s.ask(ctx, c, http.MethodGet, n, "", "")
	if res == nil {
		return outcome, 0, err
	}
	defer res.Body.Close()
	_, got, err := s.read(c, n, sure, res, 0, false, io.LimitReader(res.Body, r.Int64N(64<<10)))
	return "left", got, err
}

// slow reads in ten pieces, with a pause before each.
func (s *soak) slow(c soakClient, n int, _ *rand.Rand) (string, int64, error) {
	sure := s.have.sure(n)
	res, outcome, err := s.ask(context.Background(), c, http.MethodGet, n, "", "")
	if res == nil {
		return outcome, 0, err
	}
	defer res.Body.Close()
	return s.read(c, n, sure, res, 0, true, &pausing{res.Body, objectBytes(n)/10 + 1})
}

type pausing struct {
	io.Reader
	piece int64
}

func (p *pausing) Read(b []byte) (int, error) {
	time.Sleep(50 * time.Millisecond)
	n := 0
	for int64(n) < p.piece && n < len(b) {
		m, err := p.Reader.Read(b[n:min(int64(len(b)), p.piece)])
		if n += m; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (s *soak) post(c soakClient, n int, _ *rand.Rand) (string, int64, error) {
	body := make([]byte, min(objectBytes(n), 300_000))
	content{n: n}.fill(body, 0)
	res, err := c.http.Post(c.url+"/post", "application/octet-stream", struct{ io.Reader }{bytes.NewReader(body)})
	if err != nil {
		return "no answer", 0, nil // the origin may have hung up in the middle of it
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return "cut", int64(len(got)), nil
	case res.StatusCode == http.StatusOK && !bytes.Equal(got, body):
		return "wrong", int64(len(got)), fmt.Errorf("%s POST: %d bytes came back as %d others", c.name, len(body), len(got))
	}
	return strconv.Itoa(res.StatusCode), int64(len(got)), nil
}

// run sends requests at a rate until the time is over and all are answered.
func (s *soak) run(seed uint64, rate int, d time.Duration) {
	r := rand.New(rand.NewPCG(seed, 2))
	often := rand.NewZipf(r, 1.1, 4, soakObjects-1)
	shares := 0
	for _, k := range soakKinds {
		shares += k.share
	}
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	end := time.NewTimer(d)
	defer end.Stop()
	turns := make(chan struct{}, soakAtOnce)
	var all sync.WaitGroup
	defer all.Wait()
	for {
		select {
		case <-end.C:
			return
		case <-tick.C:
		}
		k := 0
		for at := r.IntN(shares); at >= soakKinds[k].share; k++ {
			at -= soakKinds[k].share
		}
		n, c, own := int(often.Uint64()), s.clients[r.IntN(len(s.clients))], rand.New(rand.NewPCG(r.Uint64(), 3))
		if k == 1 {
			n, s.fresh = s.fresh, s.fresh+1
		}
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			outcome, got, err := soakKinds[k].do(s, c, n, own)
			s.note(soakKinds[k].name, outcome, got, err)
		})
	}
}

// change makes new versions and tells the edge of them until done.
func (s *soak) change(seed uint64, done <-chan struct{}) (changes, invalidations int) {
	r := rand.New(rand.NewPCG(seed, 4))
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return changes, invalidations
		case <-tick.C:
		}
		some := []int{r.IntN(soakObjects)}
		path := fmt.Sprintf("/o/%d", some[0])
		if r.IntN(100) == 0 {
			some, path = nil, "/*"
			for n := range soakObjects {
				some = append(some, n)
			}
		}
		versions := make([]uint64, len(some))
		for i, n := range some {
			versions[i] = s.have.known[n].version.Add(1)
			changes++
		}
		s.e.ask(http.MethodPost, "invalidations", map[string]any{"paths": []string{path}, "brief": true}, nil)
		invalidations++
		for i, n := range some {
			s.have.known[n].sure.Store(versions[i])
		}
	}
}

// soakSample is what the program takes at a time.
type soakSample struct {
	at time.Duration
	figures
}

// leastHeap is the least of the samples in a part of the time.
func leastHeap(samples []soakSample, from, to time.Duration) int64 {
	least := int64(1 << 62)
	for _, f := range samples {
		if f.at >= from && f.at < to {
			least = min(least, f.heap)
		}
	}
	return least
}

// table shows what was sent and what came of it.
func (s *soak) table() string {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, k := range soakKinds {
		total := 0
		text := ""
		for _, outcome := range slices.Sorted(maps.Keys(s.count[k.name])) {
			total += s.count[k.name][outcome]
			text += fmt.Sprintf("%s: %d  ", outcome, s.count[k.name][outcome])
		}
		fmt.Fprintf(w, "%s\t%d\t%s\n", k.name, total, text)
	}
	w.Flush()
	return b.String()
}

// soakTime is how long, and how many requests a second.
func soakTime() (d time.Duration, rate int) {
	GinkgoHelper()
	d, rate = soakShort, soakRate
	var err error
	if text := os.Getenv("STALEPROOF_SOAK"); text != "" {
		d, err = time.ParseDuration(text)
		Expect(err).NotTo(HaveOccurred(), "STALEPROOF_SOAK wants a duration, such as 20m")
	}
	if text := os.Getenv("STALEPROOF_SOAK_RATE"); text != "" {
		rate, err = strconv.Atoi(text)
		Expect(err).NotTo(HaveOccurred(), "STALEPROOF_SOAK_RATE wants a number of requests a second")
	}
	return d, rate
}

// narrow makes what the kernel keeps of a connection small, as it is on a long way to a
// viewer: then whoever writes has to wait for the other to read.
func narrow(_, _ string, c syscall.RawConn) (err error) {
	unable := c.Control(func(fd uintptr) {
		err = errors.Join(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10),
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, 8<<10))
	})
	return errors.Join(unable, err)
}

var _ = Describe("mixed traffic for a long time", Label("soak"), func() {
	It("leaves memory flat, nothing open, and every body as the origin had it", func() {
		d, rate := soakTime()
		seed := uint64(GinkgoRandomSeed())
		s := &soak{have: newObjects(soakObjects, seed), fresh: soakObjects, count: map[string]map[string]int{}, tags: map[int]string{}}
		origin := httptest.NewServer(s.have)
		DeferCleanup(origin.Close)
		s.e = serve("--tls-listen", "127.0.0.1:0", "--memory", strconv.Itoa(soakMemory), "--config", file("soak.yaml", fmt.Sprintf(`
origins: {o: {url: %q, readTimeout: 1s, connectionAttempts: 2}}
defaultCacheBehavior: {origin: o, policy: CachingOptimized, allowedMethods: [GET, HEAD, OPTIONS, PUT, PATCH, POST, DELETE]}
`, origin.URL)))
		secure := regexp.MustCompile(`listening on (https://\S+)`).FindSubmatch(s.e.process.Out.Contents())
		Expect(secure).NotTo(BeNil())
		for _, c := range []soakClient{
			{name: "HTTP/1.1", url: s.e.url},
			{name: "TLS", url: string(secure[1])},
			{name: "HTTP/2", url: string(secure[1]), h2: true},
			{name: "HTTP/2, narrow", url: string(secure[1]), h2: true, narrow: true},
		} {
			t := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: soakAtOnce, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: c.h2}
			if c.narrow {
				t.DialContext = (&net.Dialer{Control: narrow}).DialContext
			}
			DeferCleanup(t.CloseIdleConnections)
			c.http = &http.Client{Transport: t, Timeout: time.Minute}
			s.clients = append(s.clients, c)
		}
		before := s.e.figures()

		began := time.Now()
		done := make(chan struct{})
		var others sync.WaitGroup
		var samples []soakSample
		var changes, invalidations int
		others.Go(func() {
			defer GinkgoRecover()
			changes, invalidations = s.change(seed, done)
		})
		others.Go(func() {
			defer GinkgoRecover()
			tick := time.NewTicker(min(d/100, 5*time.Second))
			defer tick.Stop()
			for {
				select {
				case <-done:
					return
				case <-tick.C:
					samples = append(samples, soakSample{time.Since(began), s.e.figures()})
				}
			}
		})
		s.run(seed, rate, d)
		close(done)
		others.Wait()
		took := time.Since(began)
		for _, c := range s.clients {
			c.http.CloseIdleConnections()
		}

		AddReportEntry("soak", fmt.Sprintf("%s at %d requests a second, seed %d: %d MiB of bodies, %d versions, %d invalidations; of %d requests to the origin failed on purpose: %v\n%s",
			took.Round(time.Second), rate, seed, s.bytes>>20, changes, invalidations, s.have.asked, s.have.failed, s.table()))
		for i := range 10 {
			f := samples[len(samples)*i/10]
			AddReportEntry("soak", fmt.Sprintf("after %7s: %s", f.at.Round(time.Second), f.figures))
		}
		if len(s.wrong) > 0 {
			fmt.Fprintf(GinkgoWriter, "the first of %d wrong answers: %q\n", len(s.wrong), s.wrong[:min(20, len(s.wrong))])
		}
		Expect(s.wrong).To(BeEmpty())
		first, second := leastHeap(samples, took/4, took/2), leastHeap(samples, took/2, took)
		AddReportEntry("soak", fmt.Sprintf("least heap: %d KiB in the second quarter, %d KiB in the second half", first>>10, second>>10))
		Expect(second).To(BeNumerically("<=", first+soakSlack), "bytes of heap: the least in the second half, and in the second quarter")

		s.e.ask(http.MethodPost, "reset", nil, nil) // a stored body of more than 1 MiB has a file that is open
		s.e.http.CloseIdleConnections()
		DeferCleanup(func() {
			if CurrentSpecReport().Failed() {
				fmt.Fprintln(GinkgoWriter, s.e.open())
			}
		})
		Eventually(func() int { return s.e.figures().files }).WithTimeout(time.Minute).Should(BeNumerically("<=", before.files+2), "descriptors")
		Eventually(func() int { return s.e.figures().goroutines }).Should(BeNumerically("<=", before.goroutines+2), "goroutines")
		after := s.e.figures()
		AddReportEntry("soak", fmt.Sprintf("before: %s\nafter: %s", before, after))
	})
})
