//go:build !race

package front

// Not under the race detector, which makes everything larger.

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// crowdAddress makes the test program a crowd of viewers, whose memory must not be
// counted as the server's.
const crowdAddress = "FRONT_CROWD_ADDRESS"

const crowdSize = 9_900 // one process may often have 10,000 descriptors

func TestMain(m *testing.M) {
	if addr := os.Getenv(crowdAddress); addr != "" {
		if err := crowd(addr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// crowd opens crowdSize connections, asks for something on each, and says so; it
// sends half a head when it is told to, and leaves at the end of its input.
func crowd(addr string) error {
	var conns []net.Conn
	buf := make([]byte, 4096)
	for range crowdSize {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		conns = append(conns, c)
		if _, err := io.WriteString(c, get("/hit")); err != nil {
			return err
		}
		if _, err := c.Read(buf); err != nil {
			return err
		}
	}
	fmt.Println("idle")
	if _, err := os.Stdin.Read(buf[:1]); err != nil {
		return err
	}
	for _, c := range conns {
		if _, err := io.WriteString(c, "GET /hit HTTP/1.1\r\nHost: "); err != nil {
			return err
		}
	}
	fmt.Println("trickling")
	io.Copy(io.Discard, os.Stdin)
	return nil
}

// inUse is what the server's process holds.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // the first one only sets the pools aside
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// TestIdleConnectionsAreCheap: ten thousand viewers who keep a connection cost
// little, and little more when they trickle half a head each; when they have left
// nothing remains.
func TestIdleConnectionsAreCheap(t *testing.T) {
	s := &Server{Handler: miss, Hitter: hitFunc(hits)}
	addr := loopback(t, s)
	before := inUse()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crowdAddress+"="+addr)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	each := func(limit uint64) {
		t.Helper()
		state, err := out.ReadString('\n')
		if err != nil {
			t.Fatalf("the crowd has left: %v", err)
		}
		per := (inUse() - before) / crowdSize
		t.Logf("%d bytes for each of %d connections that are %s", per, crowdSize, state)
		if per > limit {
			t.Errorf("got %d bytes each, want at most %d", per, limit)
		}
	}
	each(6 << 10)
	in.Write([]byte("\n"))
	each(11 << 10)
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
