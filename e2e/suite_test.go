package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/onsi/gomega/gleak"
)

// patience bounds waiting for a process to start or to end, the only thing that
// is waited for here.
const patience = 20 * time.Second

// program is the built command; work a folder that other users may enter, since
// Apache gives up root.
var program, work string

func TestEndToEnd(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	RunSpecs(t, "staleproof, from outside")
}

var _ = BeforeSuite(func() {
	var err error
	work, err = os.MkdirTemp("", "staleproof-e2e-")
	Expect(err).NotTo(HaveOccurred())
	Expect(os.Chmod(work, 0o755)).To(Succeed())
	DeferCleanup(os.RemoveAll, work)

	program, err = compile()
	Expect(err).NotTo(HaveOccurred(), "the program must build")
})

var _ = BeforeEach(func() {
	before := gleak.Goroutines()
	DeferCleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})
})

// compile makes the program, or takes the one that STALEPROOF_PROGRAM names: a
// release can be judged as it was shipped.
func compile() (string, error) {
	if shipped := os.Getenv("STALEPROOF_PROGRAM"); shipped != "" {
		return shipped, nil
	}
	DeferCleanup(gexec.CleanupBuildArtifacts)
	return gexec.Build("staleproof")
}

// folder makes a folder for one spec that other users may enter.
func folder(name string) string {
	GinkgoHelper()
	dir, err := os.MkdirTemp(work, name+"-")
	Expect(err).NotTo(HaveOccurred())
	Expect(os.Chmod(dir, 0o755)).To(Succeed())
	return dir
}

// file writes one file into a folder of its own and gives its path.
func file(name, content string) string {
	GinkgoHelper()
	path := filepath.Join(folder("file"), name)
	Expect(os.WriteFile(path, []byte(content), 0o644)).To(Succeed())
	return path
}

func testdata(name string) []byte {
	GinkgoHelper()
	return []byte(read(filepath.Join("testdata", name)))
}

func read(path string) string {
	GinkgoHelper()
	b, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	return string(b)
}
