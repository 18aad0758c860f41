package e2e

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
)

// djangoScript runs the script that makes a server's folder.
func djangoScript(dir string, args ...string) {
	GinkgoHelper()
	out, err := exec.Command("sites/django.sh", append([]string{dir}, args...)...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
}

// strategy is how a deployment names its assets: a file of sites/django/strategies.
type strategy string

const (
	pathStrategy        strategy = "path"
	queryStrategy       strategy = "query"
	nestedQueryStrategy strategy = "nested-query"
	noStrategy          strategy = "none"
	manifestStrategy    strategy = "manifest"
)

// server is one Apache with the Django site, in a folder of its own.
type server struct {
	dir string
	url string
	strategy
	http http.Client
}

// startServer deploys the first release and starts Apache.
func startServer(s strategy) *server {
	GinkgoHelper()
	v := &server{dir: folder("server"), strategy: s, http: http.Client{Transport: network{}.local()}}
	v.receive(first)
	djangoScript(v.dir, "switch", string(first))
	port := freePort()
	v.url = "http://127.0.0.1:" + port
	start(exec.Command("sites/django.sh", v.dir, "serve", port))
	v.answers(first)
	return v
}

// local is a transport to literal addresses.
func (network) local() *http.Transport {
	t := &http.Transport{DisableCompression: true}
	DeferCleanup(t.CloseIdleConnections)
	return t
}

// start runs a process until the spec ends and then ends it with SIGTERM.
func start(command *exec.Cmd) *gexec.Session {
	GinkgoHelper()
	session, err := gexec.Start(command, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() {
		session.Terminate()
		Eventually(session).Should(gexec.Exit())
	})
	return session
}

// collect deploys a release as the article's one server does: checked out,
// collectstatic run there, then switched to.
func (v *server) collect(r release) {
	GinkgoHelper()
	djangoScript(v.dir, "publish", string(r), string(v.strategy))
	v.switchTo(r)
}

// receive puts a release's files in place that were collected elsewhere, as a
// deploy to many servers does; its pages are not served yet.
func (v *server) receive(r release) {
	GinkgoHelper()
	djangoScript(v.dir, "receive", string(r), strategies[v.strategy]().dir[r])
}

// switchTo serves a published release's pages from the next request on.
func (v *server) switchTo(r release) {
	GinkgoHelper()
	djangoScript(v.dir, "switch", string(r))
	v.answers(r)
}

// deploy is both, assets first.
func (v *server) deploy(r release) {
	GinkgoHelper()
	v.receive(r)
	v.switchTo(r)
}

// prune deletes the assets of a release, as a clean-up job does.
func (v *server) prune(r release) {
	GinkgoHelper()
	Expect(os.RemoveAll(filepath.Join(v.dir, "var/mysite/static", string(r)))).To(Succeed())
}

// answers waits until Apache runs and its application is the release's.
func (v *server) answers(r release) {
	GinkgoHelper()
	Eventually(func() string {
		response, err := v.http.Get(v.url)
		if err != nil {
			return err.Error()
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err.Error()
		}
		return strategies[v.strategy]().name(body)
	}).Should(Equal(string(r)))
}

// upload posts a file to one of the editor's doors and gives Django's answer.
func (v *server) upload(door, name string, content []byte) string {
	GinkgoHelper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", name)
	Expect(err).NotTo(HaveOccurred())
	_, err = part.Write(content)
	Expect(err).NotTo(HaveOccurred())
	Expect(w.Close()).To(Succeed())
	response, err := v.http.Post(v.url+door, w.FormDataContentType(), &form)
	return saidOK(response, err)
}

// remove deletes a media file through Django's storage.
func (v *server) remove(name string) {
	GinkgoHelper()
	response, err := v.http.PostForm(v.url+"/delete/", url.Values{"name": {name}})
	saidOK(response, err)
}

func saidOK(response *http.Response, err error) string {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.StatusCode).To(Equal(http.StatusOK), string(body))
	return string(body)
}
