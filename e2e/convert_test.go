package e2e

import (
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// sameSite is one distribution as people have it, by where it is from and its file:
// two templates in YAML, one in JSON, what the AWS command line prints, our YAML, and
// a plan of Terraform. It is kept for the loaders' own tests.
func sameSite() map[string]string {
	GinkgoHelper()
	all := map[string]string{"terraform/plan.json": read("../proxy/distribution/testdata/terraform/static-site/plan.json")}
	archive := read("../proxy/distribution/testdata/same/static-site.txt")
	heads := regexp.MustCompile(`(?m)^-- (\S+) --\n`).FindAllStringSubmatchIndex(archive, -1)
	for i, h := range heads {
		end := len(archive)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		all[archive[h[2]:h[3]]] = archive[h[1]:end]
	}
	for name, content := range all {
		all[name] = viewerProtocol.ReplaceAllString(content, "${1}allow-all") // asked over HTTP here
	}
	return all
}

var viewerProtocol = regexp.MustCompile(`(?i)(viewer_?protocol_?policy"?:\s*"?)(?:redirect-to-https|https-only)`)

// converted is what convert prints, in a file. Notes go elsewhere.
func converted(to string, files ...string) string {
	GinkgoHelper()
	out, err := exec.Command(program, append([]string{"convert", "--to", to}, files...)...).Output()
	Expect(err).NotTo(HaveOccurred())
	Expect(out).NotTo(BeEmpty())
	return file(map[string]string{"yaml": "site.yaml", "aws": "site.json"}[to], string(out))
}

// echo answers with what it was asked, and is an hour fresh but for the API.
func echo(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.URL.Path, "/api/") {
		w.Header().Set("Cache-Control", "max-age=3600")
	}
	if strings.HasSuffix(r.URL.Path, "/gone") {
		w.WriteHeader(http.StatusNotFound)
	}
	fmt.Fprintf(w, "%s %s %s", r.Method, r.RequestURI, r.Header.Get("X-Stage"))
}

// behavior is all that can be seen of a distribution in front of echo: each answer,
// and what reached the origin.
func behavior(origins []string, config ...string) (seen []string) {
	GinkgoHelper()
	o := startOrigin()
	o.does(echo)
	var args []string
	for _, c := range config {
		args = append(args, "--config", c)
	}
	for _, id := range origins {
		args = append(args, "--origin-map", id+"="+o.url)
	}
	e := serve(args...)
	for _, path := range []string{
		"/", "/page?v=1", "/page?v=2", "/page?v=1&w=2", "/assets/a.js?v=1", "/assets/a.js?v=2", "/css/a.css?v=1",
		"/css/a.css?v=2&w=1", "/css/a.css?v=2", "/api/x?q=1", "/api/x?q=1", "/gone", "/assets/gone", "/gone",
	} {
		a := goClient(e.url + path)
		seen = append(seen, fmt.Sprint(path, " ", a.status, " ", a.result(), " ", a.body, " ",
			a.header["Strict-Transport-Security"], a.header["X-Content-Type-Options"], a.header["Cache-Control"]))
	}
	return append(seen, o.requests()...)
}

var _ = Describe("convert", func() {
	DescribeTable("to our YAML and to AWS's JSON keeps what a distribution does",
		func(origins []string, sources func() []string) {
			files := sources()
			want := behavior(origins, files...)
			Expect(want).To(ContainElement(ContainSubstring(" 200 Hit ")), "something is cached")
			for _, to := range []string{"yaml", "aws"} {
				Expect(behavior(origins, converted(to, files...))).To(Equal(want), "by way of %s", to)
			}
			Expect(behavior(origins, converted("yaml", converted("aws", files...)))).To(Equal(want), "by way of both")
		},
		Entry("from our YAML", []string{"site", "api"}, sourcesOf("ours/site.yaml")),
		Entry("from the AWS command line", []string{"site", "api"}, sourcesOf("aws/distribution.json", "aws/policy.json")),
		Entry("from a template", []string{"site", "api"}, sourcesOf("short/site.yaml")),
		Entry("from a plan", []string{"site", "api"}, sourcesOf("terraform/plan.json")),
		Entry("from the CDK", []string{cdkOrigin}, func() []string { return []string{cdkOut()} }),
	)

	It("finds one distribution in all of them", func() {
		sources := [][]string{{"short/site.yaml"}, {"terraform/plan.json"}, {"aws/distribution.json", "aws/policy.json"}}
		want := behavior([]string{"site", "api"}, sourcesOf("ours/site.yaml")()...)
		for _, names := range sources {
			Expect(behavior([]string{"site", "api"}, sourcesOf(names...)()...)).To(Equal(want), "%v", names)
		}
	})

	DescribeTable("of what is wrong prints nothing but one error with file and line, exit code 2",
		func(name, config string, line int, about ...string) {
			path := file(name, config)
			c := exec.Command(program, "convert", path)
			out, err := c.Output()
			exit, failed := err.(*exec.ExitError)
			Expect(failed).To(BeTrue(), "%s", out)
			Expect(out).To(BeEmpty())
			Expect(exit.ExitCode()).To(Equal(2))
			Expect(string(exit.Stderr)).To(BeOneSentence(append(about, fmt.Sprintf("%s:%d", name, line))...))
		},
		Entry("our YAML", "site.yaml", "origins: {web: http://localhost:8000}\ndefaultCacheBehavior:\n  polici: CachingOptimized\n", 3, "polici"),
		Entry("AWS JSON", "aws.json", "{\"DistributionConfig\": {\n\"Enabled\": true,\n\"Origins\": {]}}\n", 3),
		Entry("a template", "template.yaml", "Resources:\n  D:\n    Type: AWS::CloudFront::Distribution\n    Properties: !Fetch x\n", 4, "Fetch"),
		Entry("a plan", "plan.json", "{\"format_version\": \"1.2\",\n\"planned_values\": {\"root_module\": {\"resources\": [}}}\n", 2),
	)
})

// sourcesOf writes some of sameSite to files.
func sourcesOf(names ...string) func() []string {
	return func() (paths []string) {
		GinkgoHelper()
		for _, name := range names {
			content := sameSite()[name]
			Expect(content).NotTo(BeEmpty(), name)
			paths = append(paths, file(name[strings.Index(name, "/")+1:], content))
		}
		return paths
	}
}
