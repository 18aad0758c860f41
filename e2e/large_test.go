package e2e

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// peakBytes is the largest resident memory that the program has had.
func (e *edge) peakBytes() int64 {
	GinkgoHelper()
	status := read(fmt.Sprintf("/proc/%d/status", e.process.Command.Process.Pid))
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindStringSubmatch(status)
	Expect(m).NotTo(BeNil(), status)
	kib, err := strconv.ParseInt(m[1], 10, 64)
	Expect(err).NotTo(HaveOccurred())
	return kib << 10
}

// pattern writes n bytes that differ from piece to piece.
func pattern(w io.Writer, n int64, seed byte) {
	piece := make([]byte, 1<<20)
	for i := range piece {
		piece[i] = byte(i*7) ^ seed
	}
	for at := int64(0); at < n; at += int64(len(piece)) {
		piece[0], piece[1] = byte(at>>20), byte(at>>28)
		if _, err := w.Write(piece[:min(int64(len(piece)), n-at)]); err != nil {
			return // the viewer has gone
		}
	}
}

func patternSum(n int64, seed byte) string {
	h := sha256.New()
	pattern(h, n, seed)
	return sum(h)
}

func sum(h hash.Hash) string { return fmt.Sprintf("%x", h.Sum(nil)) }

// large sends several large bodies through the edge at once, twice, and a range of
// each, and gives the program's peak.
func large(bytes int64, bodies int, memoryMiB int) int64 {
	GinkgoHelper()
	o := startOrigin()
	o.does(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.FormatInt(bytes, 10))
		w.Header().Set("Cache-Control", "max-age=86400")
		pattern(w, bytes, r.URL.Path[1])
	})
	e := serve("--origin", o.url, "--memory", strconv.Itoa(memoryMiB))
	get := func(path, ranged string) (result, got string, status int) {
		r, err := http.NewRequest(http.MethodGet, e.url+path, nil)
		if err != nil {
			return err.Error(), "", 0
		}
		if ranged != "" {
			r.Header.Set("Range", ranged)
		}
		res, err := e.http.Do(r)
		if err != nil {
			return err.Error(), "", 0
		}
		defer res.Body.Close()
		h := sha256.New()
		if _, err := io.Copy(h, res.Body); err != nil {
			return err.Error(), "", 0
		}
		return answer{header: res.Header}.result(), sum(h), res.StatusCode
	}
	for _, want := range []string{"Miss", "Hit"} {
		said := make([]string, bodies)
		var all sync.WaitGroup
		for i := range bodies {
			all.Go(func() {
				result, got, _ := get(fmt.Sprintf("/%c", 'a'+i), "")
				if result != want || got != patternSum(bytes, byte('a'+i)) {
					said[i] = fmt.Sprintf("/%c: %s, want %s and the same bytes", 'a'+i, result, want)
				}
			})
		}
		all.Wait()
		Expect(said).To(HaveEach(BeEmpty()))
	}
	result, _, status := get("/a", fmt.Sprintf("bytes=%d-", bytes-10))
	Expect([]any{result, status}).To(Equal([]any{"Hit", http.StatusPartialContent}), "the last ten bytes")
	Expect(o.requests()).To(HaveLen(bodies), "each body was asked for once")
	return e.peakBytes()
}

var _ = Describe("bodies larger than the memory", func() {
	It("pass and are cached without being held in memory: four of 64 MiB with a budget of 16 MiB", func() {
		peak := large(64<<20, 4, 16)
		fmt.Fprintf(GinkgoWriter, "peak: %d MiB\n", peak>>20)
		Expect(peak).To(BeNumerically("<", 96<<20), "bytes of resident memory, the program itself among them")
	})

	It("pass also with 4 GiB and a budget of 256 MiB", Label("soak"), func(ctx SpecContext) {
		if os.Getenv("STALEPROOF_SOAK") == "" {
			Skip("make soak asks for it: it needs 4 GiB of disk and a minute")
		}
		peak := large(4<<30, 1, 256)
		fmt.Fprintf(GinkgoWriter, "peak: %d MiB\n", peak>>20)
		Expect(peak).To(BeNumerically("<", 256<<20))
	}, NodeTimeout(10*time.Minute))
})
