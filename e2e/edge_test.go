package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// edge is a running "staleproof serve".
type edge struct {
	url     string // where viewers go
	control string // the door for tests
	process *gexec.Session
	http    http.Client
}

var (
	listening = regexp.MustCompile(`listening on (http://127\.0\.0\.1:\d+)`)
	control   = regexp.MustCompile(`control on (http://127\.0\.0\.1:\d+)`)
)

// serve starts the program on free ports and waits until it says where it is.
func serve(args ...string) *edge {
	GinkgoHelper()
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, args...)
	session := start(exec.Command(program, args...))
	Eventually(session).Should(gbytes.Say(listening.String()))
	e := &edge{process: session, http: http.Client{Transport: network{}.local()}}
	Eventually(func() bool { return control.Match(session.Out.Contents()) }).Should(BeTrue())
	out := session.Out.Contents()
	e.url = string(listening.FindSubmatch(out)[1])
	e.control = string(control.FindSubmatch(out)[1])
	return e
}

// Cache policies of the article's distributions: the managed one, which leaves
// query strings out of the key, and "query strings forwarded".
const (
	queryLeftOut   = "CachingOptimized"
	queryForwarded = "{minTTL: 1s, defaultTTL: 24h, maxTTL: 365d, queryStrings: all}"
)

// twoDistributions are the article's: one for static files and one for media,
// with the same server behind both.
func twoDistributions(origin, policy string) string {
	GinkgoHelper()
	return file("distributions.yaml", fmt.Sprintf(`
id: E1STATIC0000AA
domain: %s
comment: static files
origins: {apache: {url: %q, path: /static}}
defaultCacheBehavior: {policy: %s}
---
id: E2MEDIA00000AA
domain: %s
comment: media files
origins: {apache: {url: %q, path: /media}}
defaultCacheBehavior: {policy: %s}
`, staticHost, origin, policy, mediaHost, origin, policy))
}

const staticDistribution, mediaDistribution = "E1STATIC0000AA", "E2MEDIA00000AA"

// before is the network of a visitor whose pages come from origin and whose
// assets come from the edge.
func (e *edge) before(origin string) network {
	at := address(e.url)
	return network{pageHost: address(origin), staticHost: at, mediaHost: at}
}

// ask calls the control door and reads its answer.
func (e *edge) ask(method, path string, question, answer any) {
	GinkgoHelper()
	var body bytes.Buffer
	if question != nil {
		Expect(json.NewEncoder(&body).Encode(question)).To(Succeed())
	}
	request, err := http.NewRequest(method, e.control+"/staleproof/v1/"+path, &body)
	Expect(err).NotTo(HaveOccurred())
	if question != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := e.http.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.StatusCode).To(BeNumerically("<", 300), "%s %s: %s", method, path, said)
	if answer != nil {
		Expect(json.Unmarshal(said, answer)).To(Succeed(), "%s", said)
	}
}

// advance moves cache time forward.
func (e *edge) advance(d time.Duration) {
	GinkgoHelper()
	e.ask(http.MethodPost, "clock", map[string]string{"advance": d.String()}, nil)
}

// invalidation is what an invalidation was answered with.
type invalidation struct {
	ID    string `json:"id"`
	Items []struct {
		Item    string   `json:"item"`
		Covered []string `json:"covered"`
	} `json:"items"`
}

func (e *edge) invalidate(distribution string, paths ...string) (i invalidation) {
	GinkgoHelper()
	e.ask(http.MethodPost, "invalidations", map[string]any{"distribution": distribution, "paths": paths}, &i)
	Expect(i.ID).NotTo(BeEmpty())
	Expect(i.Items).To(HaveLen(len(paths)))
	return i
}

// explanation is the part of an explanation that the specs look at.
type explanation struct {
	Key     string `json:"key"`
	Result  string `json:"result"`
	Reason  string `json:"reason"`
	LeftOut []struct {
		Kind, Name, Policy string
		Forwarded          bool
	} `json:"leftOut"`
}

// explain asks what the edge would do with a request for url, and why.
func (e *edge) explain(of string) (x explanation) {
	GinkgoHelper()
	e.ask(http.MethodGet, "explain?url="+url.QueryEscape(of), nil, &x)
	return x
}

// kept are the answers below 400 that the edge has stored.
func (e *edge) kept() []string {
	GinkgoHelper()
	var page struct {
		Keys []json.RawMessage `json:"keys"`
		Next string            `json:"next"`
	}
	e.ask(http.MethodGet, "keys?limit=1000", nil, &page)
	Expect(page.Next).To(BeEmpty(), "more keys than a page has")
	kept := []string{}
	for _, k := range page.Keys {
		var head struct {
			Key    string `json:"key"`
			Status int    `json:"status"`
		}
		Expect(json.Unmarshal(k, &head)).To(Succeed())
		Expect(head.Status).NotTo(BeZero())
		if head.Status < 400 {
			kept = append(kept, head.Key)
		}
	}
	return kept
}

// command runs the program against this edge and gives what it printed and its
// exit code.
func (e *edge) command(args ...string) (string, int) {
	GinkgoHelper()
	c := exec.Command(program, args...)
	c.Env = append(c.Environ(), "STALEPROOF_CONTROL="+e.control)
	return finish(c)
}

// run runs the program to its end.
func run(args ...string) (output string, code int) {
	GinkgoHelper()
	return finish(exec.Command(program, args...))
}

func finish(c *exec.Cmd) (output string, code int) {
	GinkgoHelper()
	session, err := gexec.Start(c, nil, nil)
	Expect(err).NotTo(HaveOccurred())
	Eventually(session).WithTimeout(time.Minute).Should(gexec.Exit())
	return string(session.Out.Contents()) + string(session.Err.Contents()), session.ExitCode()
}
