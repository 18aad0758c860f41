package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// spent is what a run of the program cost: whole CPU time and the most memory it had.
type spent struct {
	Code, Megabytes int
	CPU             float64 // seconds, user and system
	Output          string
}

// measured runs the program to its end. Python starts it and not this process,
// since Linux counts the memory of whoever starts a program as the program's.
func measured(args ...string) (s spent) {
	GinkgoHelper()
	const meter = `import json, resource, subprocess, sys
r = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"Code": r.returncode, "CPU": u.ru_utime + u.ru_stime, "Megabytes": u.ru_maxrss >> 10, "Output": r.stdout}))`
	out, err := exec.Command("/usr/bin/python3", append([]string{"-c", meter, program}, args...)...).Output()
	Expect(err).NotTo(HaveOccurred())
	Expect(json.Unmarshal(out, &s)).To(Succeed(), "%s", out)
	return s
}

// goodConfigurations are the kinds that the loaders tell apart, each with one that is right.
func goodConfigurations() map[string]string {
	GinkgoHelper()
	all := sameSite()
	return map[string]string{
		"site.yaml": all["ours/site.yaml"], "aws.json": all["aws/distribution.json"], "plan.json": all["terraform/plan.json"],
		"template.yaml": all["short/site.yaml"], "template.json": all["json/site.template.json"],
	}
}

// bomb is YAML of a few hundred bytes whose aliases stand for 9^10 values.
func bomb(indent string) string {
	var b strings.Builder
	b.WriteString(indent + "a: &a [x, x, x, x, x, x, x, x, x]\n")
	for c := 'b'; c <= 'j'; c++ {
		again := strings.TrimSuffix(strings.Repeat("*"+string(c-1)+", ", 9), ", ")
		b.WriteString(indent + string(c) + ": &" + string(c) + " [" + again + "]\n")
	}
	return b.String()
}

var _ = Describe("a hostile configuration", func() {
	// refused holds for all of them: one clear error, soon, and in little memory.
	refused := func(path string, about ...string) {
		GinkgoHelper()
		for _, args := range [][]string{{"convert", path}, {"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--config", path}} {
			s := measured(args...)
			Expect(s.Code).To(Equal(2), s.Output)
			Expect(s.Output).To(BeOneSentence(about...))
			Expect(len(s.Output)).To(BeNumerically("<", 1000), "an error is read by a person")
			Expect(s.CPU).To(BeNumerically("<", 3), "%s took seconds of CPU; alone on a machine it is less than one", path)
			Expect(s.Megabytes).To(BeNumerically("<", 150), path)
		}
	}
	const resource = "Resources:\n  D:\n    Type: AWS::CloudFront::Distribution\n    Properties:\n      DistributionConfig: "

	It("cut off in the middle is refused", func() {
		for name, good := range goodConfigurations() {
			cut := good[:len(good)/2]
			if strings.HasSuffix(name, ".yaml") {
				cut += "\n  {"
			}
			refused(file(name, cut), name+":")
		}
	})

	It("cut off in a folder cdk.out is refused", func() {
		template := goodConfigurations()["template.json"]
		for _, row := range []struct{ manifest, template, about string }{
			{`{"version":"36.0.0","artifacts":{"Site":{"type":"aws:cloudfo`, template, "manifest.json:"},
			{manifest, template[:len(template)/2], "Site.template.json:"},
			{`{"version":"36.0.0","artifacts":[]}`, template, "manifest.json:"},
			{strings.Replace(manifest, "Site.template.json", "../../etc/passwd", 1), template, "manifest.json"},
		} {
			dir := filepath.Join(folder("cdk"), "cdk.out")
			Expect(os.Mkdir(dir, 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(row.manifest), 0o644)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(dir, "Site.template.json"), []byte(row.template), 0o644)).To(Succeed())
			refused(dir, row.about)
		}
	})

	DescribeTable("of the wrong type, or that refers in a circle, is refused",
		func(name, config string, about ...string) { refused(file(name, config), append(about, name)...) },
		Entry("our YAML, a list", "site.yaml", "- a\n- b\n", "site.yaml:1"),
		Entry("our YAML, text for a map", "site.yaml", "origins: {web: http://localhost:8000}\ndefaultCacheBehavior: soon\n", "site.yaml:2"),
		Entry("AWS JSON, text for a map", "aws.json", `{"DistributionConfig": {"CallerReference": "a", "Comment": "", "Enabled": true, "Aliases": "none",
			"Origins": {"Quantity": 1, "Items": [{"Id": "a", "DomainName": "a.example.com", "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}}]},
			"DefaultCacheBehavior": {"TargetOriginId": "a", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"}}}`, "Aliases"),
		Entry("AWS JSON, a number", "aws.json", "17", "aws.json:1"),
		Entry("a plan whose resources are text", "plan.json", `{"format_version":"1.2","planned_values":{"root_module":{"resources":"none"}}}`, "no distribution"),
		Entry("a template whose resources are a list", "template.yaml", "AWSTemplateFormatVersion: 2010-09-09\nResources: [{Type: AWS::CloudFront::Distribution}]\n", "Resources"),
		Entry("a template with an unknown function", "template.yaml", resource+"!Frobnicate x\n", "template.yaml:5", "Frobnicate"),
		Entry("a template in JSON with an unknown function", "template.json",
			`{"Resources":{"D":{"Type":"AWS::CloudFront::Distribution","Properties":{"DistributionConfig":{"Fn::Frobnicate":"x"}}}}}`, "Frobnicate"),
		Entry("a template that refers in a circle", "template.yaml",
			"Resources:\n  A:\n    Type: AWS::CloudFront::CachePolicy\n    Properties: {CachePolicyConfig: {Name: !Ref B, MinTTL: 1}}\n"+
				"  B:\n    Type: AWS::CloudFront::CachePolicy\n    Properties: {CachePolicyConfig: {Name: !Ref A, MinTTL: 1}}\n", "A", "B"),
		Entry("a bomb in our YAML", "site.yaml", bomb("")+"origins: *j\n", "site.yaml:"),
		Entry("a bomb in a template", "template.yaml", "Metadata:\n"+bomb("  ")+resource+"*j\n", "template.yaml:"),
	)

	It("of 200 MB is refused", func() {
		fill := map[string]string{".yaml": "# nothing but this remark, again and again\n", ".json": strings.Repeat(" ", 63) + "\n"}
		for name, good := range goodConfigurations() {
			path := file(name, good)
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			Expect(err).NotTo(HaveOccurred())
			block := []byte(strings.Repeat(fill[filepath.Ext(name)], 1<<14))
			for size := 0; size < 200<<20; size += len(block) {
				_, err := f.Write(block)
				Expect(err).NotTo(HaveOccurred())
			}
			Expect(f.Close()).To(Succeed())
			refused(path, name)
			Expect(os.Remove(path)).To(Succeed())
		}
	})
})

// manifest is that of a folder cdk.out with one stack.
const manifest = `{"version":"36.0.0","artifacts":{"Site":{"type":"aws:cloudformation:stack","environment":"aws://unknown-account/unknown-region","properties":{"templateFile":"Site.template.json"}}}}`
