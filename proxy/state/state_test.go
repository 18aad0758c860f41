package state

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func open(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// kept is all records as "kind id record", sorted by the map.
func kept(t *testing.T, d *Dir) map[string]string {
	t.Helper()
	all := map[string]string{}
	if err := d.Kept(func(kind, id string, record []byte) error {
		all[kind+" "+id] = string(record)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new [1]", "state")
	d := open(t, path)
	for _, change := range []struct{ kind, id, record string }{
		{"distribution", "E1", `{"a":1}`},
		{"distribution", "E2", `{"b":1}`},
		{"cache-policy", "E1", `{"c":1}`}, // another kind, the same id
		{"distribution", "E1", `{"a":2}`},
		{"distribution", "E2", ""},
		{"distribution", "never", ""},
		{"tag", "../../etc/passwd\x00/..", `{"d":"no part of a path"}`},
	} {
		var record []byte
		if change.record != "" {
			record = []byte(change.record)
		}
		if err := d.Keep(change.kind, change.id, record); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{
		"distribution E1": `{"a":2}`, "cache-policy E1": `{"c":1}`, "tag ../../etc/passwd\x00/..": `{"d":"no part of a path"}`,
	}
	if got := kept(t, d); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, open(t, path)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("after a restart: %v, want %v", got, want)
	}
}

func TestRefusals(t *testing.T) {
	t.Run("another program has it", func(t *testing.T) {
		path := t.TempDir()
		open(t, path)
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "in use by another program") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a file stands there", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil {
			t.Error("no error")
		}
	})
	t.Run("a record that is too large, and one that is no JSON", func(t *testing.T) {
		d := open(t, t.TempDir())
		if err := d.Keep("k", "id", []byte(`"old"`)); err != nil {
			t.Fatal(err)
		}
		for _, record := range []string{`"` + strings.Repeat("x", MaxBytes) + `"`, "{"} {
			if err := d.Keep("k", "id", []byte(record)); err == nil {
				t.Errorf("kept %.10s", record)
			}
		}
		if got := kept(t, d); got["k id"] != `"old"` {
			t.Errorf("then it has %v", got)
		}
	})
	for name, content := range map[string]string{
		"damaged": `{"kind":"k","id":"i","rec`, "foreign": `{"some":"thing"}`, "misplaced": `{"kind":"k","id":"i","record":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, t.TempDir())
			file := filepath.Join(d.path, "x.json")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := d.Kept(func(string, string, []byte) error { return nil })
			if err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("got %v, want an error that names %s", err, file)
			}
		})
	}
	t.Run("who is told says no", func(t *testing.T) {
		d := open(t, t.TempDir())
		if err := d.Keep("k", "id", []byte(`1`)); err != nil {
			t.Fatal(err)
		}
		no := errors.New("no")
		if err := d.Kept(func(string, string, []byte) error { return no }); !errors.Is(err, no) {
			t.Errorf("got %v", err)
		}
	})
}

// What a killed program may have been doing: number n of a record of that length.
const (
	childDir   = "STALEPROOF_STATE_DIR"
	childFirst = "STALEPROOF_STATE_FIRST"
	records    = 5
	padding    = 20 << 10
	kills      = 50 // in each of the directories
	dirs       = 4
)

func value(n int) []byte {
	b, _ := json.Marshal(map[string]string{"n": strconv.Itoa(n), "padding": strings.Repeat(strconv.Itoa(n%10), padding)})
	return b
}

// TestMain keeps records in a child until it is killed, and says after each that
// it is kept.
func TestMain(m *testing.M) {
	path := os.Getenv(childDir)
	if path == "" {
		os.Exit(m.Run())
	}
	d, err := Open(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	first, _ := strconv.Atoi(os.Getenv(childFirst))
	for n := first; ; n++ {
		if err := d.Keep("k", strconv.Itoa(n%records), value(n)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// A program is killed again and again while it writes: every record is whole, and
// none is older than what was acknowledged.
func TestKilledWhileWriting(t *testing.T) {
	for i := range dirs { // several at once, since most of it is waiting for the disk
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			killOften(t, t.TempDir())
		})
	}
}

func killOften(t *testing.T, path string) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	acknowledged := -1
	for range kills {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childDir+"="+path, childFirst+"="+strconv.Itoa(acknowledged+1))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 1 + random.IntN(3) {
			if !lines.Scan() {
				t.Fatal("the child ended by itself")
			}
			acknowledged, _ = strconv.Atoi(lines.Text())
		}
		child.Process.Kill()
		for lines.Scan() { // what it said before it died counts, too
			acknowledged, _ = strconv.Atoi(lines.Text())
		}
		child.Wait()
		look(t, path, acknowledged)
	}
}

// look opens the directory as the next program would.
func look(t *testing.T, path string, acknowledged int) {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	all := kept(t, d)
	for id := range min(records, acknowledged+1) {
		record := all["k "+strconv.Itoa(id)]
		var got struct{ N string }
		if err := json.Unmarshal([]byte(record), &got); err != nil {
			t.Fatalf("record %d: %v in %.60q", id, err, record)
		}
		n, _ := strconv.Atoi(got.N)
		newest := acknowledged - (acknowledged-id)%records
		if n < newest || n > acknowledged+1 || record != string(value(n)) {
			t.Fatalf("record %d is number %d, %d was acknowledged", id, n, newest)
		}
	}
	parts, _ := filepath.Glob(filepath.Join(path, "*"+temporary))
	if len(parts) > 0 {
		t.Errorf("half-written files are left: %v", parts)
	}
}
