package e2e

import (
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// answer is what a client got.
type answer struct {
	status int
	header http.Header
	body   string
}

// result is CloudFront's word, the first of X-Cache.
func (a answer) result() string {
	word, _, _ := strings.Cut(a.header.Get("X-Cache"), " ")
	return word
}

// get is an HTTP client, as a person or a program would use one.
type get func(url string) answer

// curl is the real one.
func curl(url string) answer {
	GinkgoHelper()
	const mark = "\n--status "
	out, err := exec.Command("curl", "--silent", "--show-error", "--include", "--write-out", mark+"%{http_code}", url).Output()
	Expect(err).NotTo(HaveOccurred(), "curl %s", url)
	head, rest, ok := strings.Cut(string(out), "\r\n\r\n")
	Expect(ok).To(BeTrue(), "%s", out)
	end := strings.LastIndex(rest, mark)
	status, err := strconv.Atoi(rest[end+len(mark):])
	Expect(err).NotTo(HaveOccurred())
	a := answer{status: status, header: http.Header{}, body: rest[:end]}
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			a.header.Add(name, value)
		}
	}
	return a
}

// goClient is Go's own.
func goClient(url string) answer {
	GinkgoHelper()
	client := http.Client{Transport: network{}.local()}
	response, err := client.Get(url)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return answer{response.StatusCode, response.Header, string(body)}
}
