// Package browser drives headless Chromium as one visitor, with a profile of his own.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// ErrNone is returned when there is no Chromium on this machine.
var ErrNone = errors.New("no Chromium is found")

// names are what Chromium is called in the PATH.
var names = []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}

// Find is the path of a program that drives as Chromium does: the one named, or the
// first that is found in the PATH.
func Find(program string) (string, error) {
	if program != "" {
		path, err := exec.LookPath(program)
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrNone, err)
		}
		return path, nil
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: there is none of %s in the PATH", ErrNone, strings.Join(names, ", "))
}

// Options say how a browser is started.
type Options struct {
	Program string // "": the first that [Find] finds
	// Hosts are names that lead elsewhere: "site.localhost" to "127.0.0.1".
	Hosts map[string]string
}

// Browser is a running Chromium with a profile of its own.
type Browser struct {
	profile string
	ctx     context.Context
	cancel  context.CancelFunc
	free    context.CancelFunc // the allocator
}

// Start starts a browser with a fresh profile. Close ends it.
func Start(ctx context.Context, o Options) (*Browser, error) {
	program, err := Find(o.Program)
	if err != nil {
		return nil, err
	}
	b := &Browser{}
	if b.profile, err = os.MkdirTemp("", "staleproof-profile-"); err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	all, free := chromedp.NewExecAllocator(context.Background(), append(flags(o.Hosts), chromedp.ExecPath(program), chromedp.UserDataDir(b.profile))...)
	b.free = free
	b.ctx, b.cancel = chromedp.NewContext(all)
	stop := context.AfterFunc(ctx, b.cancel)
	defer stop()
	if err := chromedp.Do(b.ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", program, err), b.Close())
	}
	return b, nil
}

// flags are those of a quiet browser that keeps its caches and its workers.
func flags(hosts map[string]string) []chromedp.ExecAllocatorOption {
	var rules []string
	for host, address := range hosts {
		rules = append(rules, "MAP "+host+" "+address)
	}
	all := []chromedp.ExecAllocatorOption{
		chromedp.Flag("headless", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-first-run", true), chromedp.Flag("no-default-browser-check", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
	}
	if len(rules) > 0 {
		all = append(all, chromedp.Flag("host-resolver-rules", strings.Join(rules, ", ")))
	}
	if os.Geteuid() == 0 {
		all = append(all, chromedp.NoSandbox) // Chromium refuses to have one as root
	}
	return all
}

// closePatience is how long a browser may take to end by itself, which leaves nothing
// in the folder for temporary files.
const closePatience = 10 * time.Second

// Close ends the browser with all its tabs and takes its profile away.
func (b *Browser) Close() error {
	patient, cancel := context.WithTimeout(b.ctx, closePatience)
	defer cancel()
	// A browser that never came up, or takes too long, is killed.
	_ = chromedp.Cancel(patient)
	b.cancel()
	chromedp.FromContext(b.ctx).Allocator.Wait() // until then it writes into its profile
	b.free()
	return os.RemoveAll(b.profile)
}
