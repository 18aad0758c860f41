package e2e

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// terraform is a working folder of the real program, with AWS's provider out of a
// mirror on this machine: nothing is fetched.
type terraform struct {
	dir string
	env []string
}

// startTerraform makes a folder with a configuration, and initialises it.
func startTerraform(config string, variables map[string]string) *terraform {
	GinkgoHelper()
	present("https://developer.hashicorp.com/terraform/install", nil, "terraform")
	dir := folder("terraform")
	mirror := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", providerMirror())
	for name, content := range map[string]string{"main.tf": config, "terraform.rc": mirror} {
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644)).To(Succeed())
	}
	t := &terraform{dir, append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "terraform.rc"), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")}
	for name, value := range variables {
		t.env = append(t.env, "TF_VAR_"+name+"="+value)
	}
	t.well("init")
	return t
}

// providerMirror is a folder that has AWS's provider for Terraform, among those
// where mirrors usually are.
func providerMirror() string {
	GinkgoHelper()
	home, _ := os.UserHomeDir()
	for _, folders := range []string{filepath.Join(home, ".terraform.d/plugins"), "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/*"} {
		found, err := filepath.Glob(filepath.Join(folders, "registry.terraform.io/hashicorp/aws/*/linux_*/terraform-provider-aws*"))
		Expect(err).NotTo(HaveOccurred())
		if len(found) > 0 {
			mirror, _, _ := strings.Cut(found[0], "/registry.terraform.io/")
			return mirror
		}
	}
	Skip("there is no mirror of terraform-provider-aws on this machine; make one with: terraform providers mirror /usr/local/share/terraform/plugins")
	return ""
}

// run gives what the program said, and its exit code.
func (t *terraform) run(args ...string) (string, int) {
	GinkgoHelper()
	command := exec.Command("terraform", append(args, "-no-color")...)
	command.Dir, command.Env = t.dir, t.env
	out, err := command.CombinedOutput()
	if command.ProcessState == nil {
		Expect(err).NotTo(HaveOccurred())
	}
	return string(out), command.ProcessState.ExitCode()
}

func (t *terraform) well(args ...string) string {
	GinkgoHelper()
	out, code := t.run(args...)
	Expect(code).To(Equal(0), "terraform %v: %s", args, out)
	return out
}

var _ = Describe("Terraform", func() {
	It("API-348 to API-352, API-375: applies, finds nothing to change, changes, and destroys", func() {
		o := startOrigin()
		e := serve("--origin", o.url)
		at, err := url.Parse(o.url)
		Expect(err).NotTo(HaveOccurred())
		t := startTerraform(string(testdata("cloudfrontapi.tf")), map[string]string{"endpoint": e.control, "origin_port": at.Port()})

		By("applying")
		t.well("apply", "-auto-approve")
		view := caller{edge: e}.viewer(strings.TrimSpace(t.well("output", "-raw", "domain")))
		Expect(view("/site.css?v=1&utm_source=x").body).To(Equal("old"))
		o.says("new")
		second := view("/site.css?v=2")
		Expect(second.body).To(Equal("new"))
		Expect(second.header.Get("X-From")).To(Equal("terraform"))
		Expect(view("/site.css?v=1").body).To(Equal("old"))
		Expect(o.requests()).To(Equal([]string{"/site.css?v=1", "/site.css?v=2"}))

		By("planning again")
		out, code := t.run("plan", "-detailed-exitcode")
		Expect(code).To(Equal(0), "2 is a plan that is not empty: %s", out)

		By("changing")
		t.env = append(t.env, "TF_VAR_root=home.html")
		t.well("apply", "-auto-approve")
		view("/")
		Expect(o.requests()).To(ContainElement("/home.html"))

		By("destroying")
		t.well("destroy", "-auto-approve")
		left, ok := goSDK(e.control)("ListDistributions", said{})
		Expect(ok).To(BeTrue())
		Expect(left.at("DistributionList", "Quantity")).To(BeEquivalentTo(1), "that of --origin")
		policies, ok := goSDK(e.control)("ListCachePolicies", said{"Type": "custom"})
		Expect(ok).To(BeTrue())
		Expect(policies.at("CachePolicyList", "Quantity")).To(BeEquivalentTo(0))
	})
})
