package command

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"staleproof/proxy/distribution"
)

// fakeNetwork serves what it is given, or refuses.
type fakeNetwork struct {
	ds     []*distribution.Distribution
	refuse error
}

func (f *fakeNetwork) Distributions() []*distribution.Distribution { return f.ds }

func (f *fakeNetwork) Serve(ds []*distribution.Distribution) error {
	if f.refuse == nil {
		f.ds = ds
	}
	return f.refuse
}

func (f *fakeNetwork) served() string {
	var ids []string
	for _, d := range f.ds {
		ids = append(ids, d.ID+d.Comment)
	}
	return strings.Join(ids, " ")
}

func TestReload(t *testing.T) {
	type reading struct {
		ids     string // of distributions, with their comments; "": the error
		err     error
		refuse  error
		served  string
		printed string // in either output; "": nothing
	}
	invalid := Usagef("mend it", "site.yaml:4: wrong\nsite.yaml:5: wrong, too")
	for _, tt := range []struct {
		name     string
		readings []reading
	}{
		{"a new configuration is served", []reading{{ids: "A2 B", served: "A2 B door", printed: "configuration read again: it is served now"}}},
		{"an invalid one is not", []reading{
			{err: invalid, served: "A1 door", printed: "staleproof: error: site.yaml:4: wrong\nstaleproof: error: site.yaml:5: wrong, too\nstaleproof: hint: mend it\nstaleproof: note: the configuration before it is still served"},
			{ids: "A2", served: "A2 door", printed: "it is served now"},
		}},
		{"one that cannot be opened is not", []reading{
			{ids: "A2", refuse: errors.New("origin web: no"), served: "A1 door", printed: "staleproof: error: origin web: no"},
			{ids: "A2", served: "A2 door", printed: "it is served now"},
		}},
		{"one that is as it was changes nothing", []reading{{ids: "A1", served: "A1 door"}}},
		{"one that is mended so is said", []reading{{err: invalid, served: "A1 door", printed: "wrong"}, {ids: "A1", served: "A1 door", printed: "valid, and as it was"}, {ids: "A1", served: "A1 door"}}},
		{"what came by the control door stays", []reading{{ids: "B", served: "B door", printed: "now"}, {ids: "C", served: "C door", printed: "now"}}},
		{"unless the file has it, too", []reading{{ids: "A1 door", served: "A1 door", printed: "now"}, {ids: "A1", served: "A1", printed: "now"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first := distributionsOf("A1")
			nw := &fakeNetwork{ds: append(slices.Clone(first), &distribution.Distribution{ID: "door"})}
			var out bytes.Buffer
			var now reading
			told := 0
			r := &reloader{network: nw, ours: first, out: &out, errors: &out, served: func([]*distribution.Distribution) { told++ },
				read: func() ([]*distribution.Distribution, []distribution.Note, error) {
					return distributionsOf(now.ids), nil, now.err
				}}
			for i, step := range tt.readings {
				out.Reset()
				now, nw.refuse, told = step, step.refuse, 0
				r.reload()
				if nw.served() != step.served || !strings.Contains(out.String(), step.printed) || step.printed == "" && out.Len() > 0 {
					t.Errorf("reading %d: served %q, want %q; printed %q, want %q", i+1, nw.served(), step.served, out.String(), step.printed)
				}
				if was := strings.Contains(step.printed, "now"); was != (told == 1) {
					t.Errorf("reading %d: the table was printed %d times", i+1, told)
				}
			}
		})
	}
}

// distributionsOf makes distributions of an id and a comment each.
func distributionsOf(ids string) (ds []*distribution.Distribution) {
	for word := range strings.FieldsSeq(ids) {
		id := strings.TrimRight(word, "0123456789")
		ds = append(ds, &distribution.Distribution{ID: id, Comment: word[len(id):]})
	}
	return ds
}

func TestFollow(t *testing.T) {
	const file, other = "/config/site.yaml", "/config/notes.txt"
	type event struct {
		at   time.Duration
		name string // "hangup", "lost", or of a file
	}
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	var writing []event
	for at := 0; at < 1000; at += 30 {
		writing = append(writing, event{ms(at), file})
	}
	for _, tt := range []struct {
		name   string
		events []event
		read   []time.Duration
	}{
		{"a change is read when it has been calm", []event{{0, file}}, []time.Duration{calm}},
		{"several at once are read once", []event{{0, file}, {ms(20), file}, {ms(90), file}}, []time.Duration{ms(90) + calm}},
		{"and far from each other twice", []event{{0, file}, {ms(300), file}}, []time.Duration{calm, ms(300) + calm}},
		{"a file that is written all the time is read all the same", writing, []time.Duration{longest, 2*longest + ms(10)}},
		{"another file is none of ours", []event{{0, other}}, nil},
		{"a hangup has it read at once", []event{{ms(5), "hangup"}}, []time.Duration{ms(5)}},
		{"a hangup and a change are read once", []event{{0, file}, {ms(5), "hangup"}}, []time.Duration{ms(5)}},
		{"lost changes have it read", []event{{ms(7), "lost"}}, []time.Duration{ms(7)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				changes, failures, hangups := make(chan fsnotify.Event), make(chan error), make(chan os.Signal)
				ctx, cancel := context.WithCancel(t.Context())
				began := time.Now()
				var read []time.Duration
				done := make(chan struct{})
				go func() {
					defer close(done)
					follow(ctx, changes, func(ev fsnotify.Event) bool { return ev.Name == file }, failures, hangups, func() { read = append(read, time.Since(began)) })
				}()
				for _, ev := range tt.events {
					time.Sleep(ev.at - time.Since(began)) // in the bubble's time
					switch ev.name {
					case "hangup":
						hangups <- os.Interrupt
					case "lost":
						failures <- fsnotify.ErrEventOverflow
					default:
						changes <- fsnotify.Event{Name: ev.name, Op: fsnotify.Write}
					}
				}
				time.Sleep(time.Minute)
				cancel()
				<-done
				if !slices.Equal(read, tt.read) {
					t.Errorf("read after %v, want %v", read, tt.read)
				}
			})
		})
	}
}

func TestWhichChangesConcernTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"site.yaml", "elsewhere/real.yaml", "cdk.out/manifest.json", "cdk.out/assembly-Prod/manifest.json", "cdk.out/asset.1/index.html"} {
		file := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(file), 0o755)
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("elsewhere/real.yaml", filepath.Join(dir, "link.yaml")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	l, err := watchFiles([]string{filepath.Join(dir, "site.yaml"), filepath.Join(dir, "link.yaml"), filepath.Join(dir, "cdk.out")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	for _, tt := range []struct {
		name string
		op   fsnotify.Op
		want bool
	}{
		{"site.yaml", fsnotify.Write, true},
		{"site.yaml", fsnotify.Create, true}, // renamed over it
		{"site.yaml", fsnotify.Remove, true},
		{"site.yaml", fsnotify.Chmod, false},
		{"site.yaml", fsnotify.Chmod | fsnotify.Write, true},
		{"site.yaml~", fsnotify.Create, false},
		{"link.yaml", fsnotify.Create, true},
		{"elsewhere/real.yaml", fsnotify.Write, true},
		{"elsewhere/other.yaml", fsnotify.Write, false},
		{"cdk.out/any.json", fsnotify.Create, true},
		{"cdk.out/assembly-Prod/any.json", fsnotify.Write, true},
		{"cdk.out/asset.1/index.html", fsnotify.Write, false},
		{"cdk.out", fsnotify.Create, true}, // deleted and made again
	} {
		if got := l.concerns(fsnotify.Event{Name: filepath.Join(dir, tt.name), Op: tt.op}); got != tt.want {
			t.Errorf("%s %s: %v, want %v", tt.name, tt.op, got, tt.want)
		}
	}
}
