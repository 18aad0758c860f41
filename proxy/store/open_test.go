package store

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gregjones/httpcache"

	"staleproof/proxy/store/storetest"
)

func TestBackends(t *testing.T) {
	opens := func(spec func(t *testing.T) string) func(t *testing.T) httpcache.Cache {
		return func(t *testing.T) httpcache.Cache {
			c, err := Open(spec(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := CloseCache(c); err != nil {
					t.Error(err)
				}
			})
			return c
		}
	}
	t.Run("memory", func(t *testing.T) {
		storetest.Suite(t, opens(func(*testing.T) string { return "memory:" }))
	})
	t.Run("disk", func(t *testing.T) {
		storetest.Suite(t, opens(func(t *testing.T) string { return "disk:" + t.TempDir() }))
	})
	t.Run("leveldb", func(t *testing.T) {
		storetest.Suite(t, opens(func(t *testing.T) string { return "leveldb:" + t.TempDir() }))
	})
	t.Run("redis", func(t *testing.T) {
		address := start(t, "redis-server", func(port string) []string {
			return []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}
		})
		db := 0
		storetest.Suite(t, opens(func(*testing.T) string { // a database for each test
			db++
			return fmt.Sprintf("redis://%s/%d", address, db)
		}))
	})
	t.Run("memcached", func(t *testing.T) {
		storetest.Suite(t, opens(func(t *testing.T) string { // a server for each test
			return "memcached://" + start(t, "memcached", func(port string) []string {
				return []string{"-l", "127.0.0.1", "-p", port, "-U", "0", "-u", "nobody"}
			})
		}))
	})
}

// start runs a real server on a free port until the test ends, and says where.
func start(t *testing.T, program string, args func(port string) []string) (address string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("there is no %s; install it with: apt-get install -y redis-server memcached", program)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(path, args(port)...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for deadline := time.Now().Add(20 * time.Second); ; { // the start of another program can only be watched
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen on %s:\n%s", program, address, &out)
		}
	}
}

func TestStoresThatCannotBeOpened(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ spec, want string }{
		{"", "unknown kind"},
		{"floppy:/dev/fd0", "use memory:, disk:DIR"},
		{"disk:", "write disk:DIR"},
		{"leveldb:", "write leveldb:DIR"},
		{"memory:x", "has no name"},
		{"disk:" + file, "not a directory"},
		{"redis://127.0.0.1:1", "does a redis-server listen there"},
		{"redis:/x", "write redis://HOST:PORT"},
		{"redis://127.0.0.1:1/one", `database "one" is not a number`},
		{"memcached://", "write memcached://HOST:PORT"},
		{"memcached://127.0.0.1:1", "does a memcached listen there"},
	}
	for _, tt := range tests {
		t.Run(tt.spec, func(t *testing.T) {
			if _, err := Open(tt.spec); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want an error with %q", tt.spec, err, tt.want)
			}
		})
	}
	t.Run("a password is not repeated", func(t *testing.T) {
		if _, err := Open("redis://user:secret@127.0.0.1:1"); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	})
}
