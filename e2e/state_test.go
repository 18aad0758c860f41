package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// create makes a cache policy through CloudFront's API and says with which id, or
// why not.
func (e *edge) create(name string) (id string, err error) {
	body := fmt.Sprintf(`<CachePolicyConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Name>%s</Name><MinTTL>1</MinTTL>`+
		`<Comment>%s</Comment></CachePolicyConfig>`, name, strings.Repeat("x", 100))
	response, err := e.http.Post(e.control+"/2020-05-31/cache-policy", "application/xml", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`<Id>(.*?)</Id>`).FindSubmatch(said)
	if response.StatusCode != http.StatusCreated || found == nil {
		return "", fmt.Errorf("%s: %s", response.Status, said)
	}
	return string(found[1]), nil
}

// policies are the ids of the cache policies that were created, of all pages.
func (e *edge) policies() (ids []string) {
	GinkgoHelper()
	for marker := ""; ; {
		response, err := e.http.Get(e.control + "/2020-05-31/cache-policy?Type=custom&Marker=" + url.QueryEscape(marker))
		Expect(err).NotTo(HaveOccurred())
		said, err := io.ReadAll(response.Body)
		Expect(errors.Join(err, response.Body.Close())).To(Succeed())
		Expect(response.StatusCode).To(Equal(http.StatusOK), string(said))
		for _, found := range regexp.MustCompile(`<Id>(.*?)</Id>`).FindAllSubmatch(said, -1) {
			ids = append(ids, string(found[1]))
		}
		next := regexp.MustCompile(`<NextMarker>(.+?)</NextMarker>`).FindSubmatch(said)
		if next == nil {
			return ids
		}
		marker = string(next[1])
	}
}

// send sends an invalidation of one path and says with which id, or why not.
func (e *edge) send(path string) (id string, err error) {
	response, err := e.http.Post(e.control+"/staleproof/v1/invalidations", "application/json", strings.NewReader(fmt.Sprintf(`{"paths":[%q]}`, path)))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var i invalidation
	if err := json.NewDecoder(response.Body).Decode(&i); err != nil {
		return "", err
	}
	return i.ID, nil
}

var _ = Describe("a directory of state", func() {
	It("keeps stored responses and invalidations over a restart", func() {
		o, dir := startOrigin(), folder("state")
		e := serve("--origin", o.url, "--state", dir)
		Expect(goClient(e.url + "/a.css").body).To(Equal("old"))
		Expect(goClient(e.url + "/b.css").body).To(Equal("old"))
		o.says("new")
		e.invalidate("", "/b.css")
		e.stop()

		e = serve("--origin", o.url, "--state", dir)
		Expect(goClient(e.url + "/a.css").body).To(Equal("old"))
		Expect(goClient(e.url + "/a.css").result()).To(Equal("Hit"))
		Expect(goClient(e.url + "/b.css").body).To(Equal("new"))
		var known []invalidation
		e.ask(http.MethodGet, "invalidations", nil, &known)
		Expect(known).To(HaveLen(1))
	})

	It("killed while it answers, it has whatever it acknowledged, and no more than it was asked for", func() {
		dir := folder("state")
		var acknowledged []string
		asked := 0
		for range 15 {
			e := serve("--state", dir)
			enough := len(acknowledged) + 5 + rand.IntN(10) // in all more than one page
			done := make(chan bool)
			go func() { // asks on and on, until the program is gone
				defer close(done)
				for {
					asked++
					id, err := e.create(fmt.Sprintf("policy-%d", asked))
					if err != nil {
						return
					}
					if acknowledged = append(acknowledged, id); len(acknowledged) == enough {
						e.process.Kill()
					}
				}
			}()
			Eventually(done).WithTimeout(time.Minute).Should(BeClosed())
			Eventually(e.process).Should(gexec.Exit())

			e = serve("--state", dir)
			Expect(e.policies()).To(ContainElements(acknowledged))
			Expect(len(e.policies())).To(BeNumerically("<=", asked))
			e.process.Kill()
			Eventually(e.process).Should(gexec.Exit())
		}
	})

	It("killed while it takes invalidations, it knows whatever it acknowledged, in order, and at most one more", func() {
		o, dir := startOrigin(), folder("state")
		var acknowledged []string
		for range 5 {
			e := serve("--origin", o.url, "--state", dir)
			enough := len(acknowledged) + 30 + rand.IntN(60) // in all more than one page
			done := make(chan bool)
			go func() {
				defer close(done)
				for {
					id, err := e.send(fmt.Sprintf("/%d", len(acknowledged)))
					if err != nil {
						return
					}
					if acknowledged = append(acknowledged, id); len(acknowledged) == enough {
						e.process.Kill()
					}
				}
			}()
			Eventually(done).WithTimeout(time.Minute).Should(BeClosed())
			Eventually(e.process).Should(gexec.Exit())

			e = serve("--origin", o.url, "--state", dir)
			var known []invalidation
			e.ask(http.MethodGet, "invalidations?limit=1000", nil, &known)
			slices.Reverse(known) // the youngest came first
			Expect(len(known)).To(BeNumerically(">=", len(acknowledged)))
			Expect(len(known)).To(BeNumerically("<=", len(acknowledged)+1))
			for i, id := range acknowledged {
				Expect(known[i].ID).To(Equal(id))
			}
			acknowledged = nil
			for _, i := range known {
				acknowledged = append(acknowledged, i.ID)
			}
			e.process.Kill()
			Eventually(e.process).Should(gexec.Exit())
		}
	})

	It("is one program's at a time", func() {
		dir := folder("state")
		serve("--state", dir)
		second := start(exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--state", dir))
		Eventually(second).Should(gexec.Exit(2))
		Expect(second.Err).To(gbytes.Say("in use by another program"))
	})
})
