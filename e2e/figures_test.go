package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// figures are what a running program takes.
type figures struct {
	resident   int64 // bytes
	heap       int64 // bytes of live and dead objects
	goroutines int
	files      int // descriptors
}

// figures reads them from the kernel and from /metrics.
func (e *edge) figures() (f figures) {
	GinkgoHelper()
	pid := e.process.Command.Process.Pid
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	Expect(err).NotTo(HaveOccurred())
	f.files = len(files)
	metrics := e.metrics()
	f.resident = int64(metric(metrics, "process_resident_memory_bytes"))
	f.heap = int64(metric(metrics, "go_memstats_heap_inuse_bytes"))
	f.goroutines = int(metric(metrics, "go_goroutines"))
	return f
}

// open lists what the program's descriptors are, with the peers of TCP connections.
func (e *edge) open() string {
	pid := e.process.Command.Process.Pid
	dir := fmt.Sprintf("/proc/%d/fd/", pid)
	files, _ := os.ReadDir(dir)
	var lines []string
	tcp, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", pid))
	for _, f := range files {
		name, _ := os.Readlink(dir + f.Name())
		inode := strings.TrimSuffix(strings.TrimPrefix(name, "socket:["), "]")
		for line := range strings.Lines(string(tcp)) {
			if w := strings.Fields(line); len(w) > 9 && w[9] == inode {
				name += fmt.Sprintf(" local %s, remote %s, state %s, queues %s", w[1], w[2], w[3], w[4])
			}
		}
		lines = append(lines, f.Name()+" "+name)
	}
	return strings.Join(lines, "\n")
}

func (f figures) String() string {
	return fmt.Sprintf("%d MiB resident, %d MiB of heap, %d goroutines, %d descriptors", f.resident>>20, f.heap>>20, f.goroutines, f.files)
}

func (e *edge) metrics() string {
	GinkgoHelper()
	res, err := e.http.Get(e.control + "/metrics")
	Expect(err).NotTo(HaveOccurred())
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(res.StatusCode).To(Equal(http.StatusOK))
	return string(b)
}

// metric is the value of a metric without labels.
func metric(text, name string) float64 {
	GinkgoHelper()
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(text)
	Expect(m).NotTo(BeNil(), "no %s in /metrics", name)
	v, err := strconv.ParseFloat(m[1], 64)
	Expect(err).NotTo(HaveOccurred())
	return v
}

// descriptors makes room for n of them, in this process and those it starts, and
// says how many there are room for.
func descriptors(n uint64) uint64 {
	GinkgoHelper()
	var l syscall.Rlimit
	Expect(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)).To(Succeed())
	if l.Cur >= n {
		return l.Cur
	}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: max(n, l.Max)}) == nil {
		return n
	}
	Expect(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: l.Max, Max: l.Max})).To(Succeed())
	return l.Max
}

// closedBy counts the connections that the other side has closed within a deadline.
// What it had sent before is thrown away.
func closedBy(conns []net.Conn, deadline time.Time) (n int) {
	for _, c := range conns {
		c.SetReadDeadline(deadline)
		if _, err := io.Copy(io.Discard, c); err == nil || !os.IsTimeout(err) {
			n++
		}
	}
	return n
}
