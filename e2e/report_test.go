package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	browsed "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// reader is Chromium with a report open in it.
type reader struct{ ctx context.Context }

// startChromium starts a Chromium with an empty profile, and a tab, for one spec.
func startChromium() context.Context {
	GinkgoHelper()
	options := []chromedp.ExecAllocatorOption{chromedp.Flag("headless", true), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.UserDataDir(folder("profile")), chromedp.ExecPath("chromium")}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	all, free := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(all)
	DeferCleanup(func() {
		_ = chromedp.Cancel(ctx) // it may have ended by itself
		cancel()
		free()
	})
	Expect(chromedp.Do(ctx)).To(Succeed())
	return ctx
}

// openReport opens a file in a window of a size.
func openReport(path string, width, height int64) reader {
	GinkgoHelper()
	ctx := startChromium()
	r := reader{ctx}
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
	Expect(err).NotTo(HaveOccurred())
	// Who wants no motion has no smooth scrolling to be waited for.
	_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}})
	Expect(err).NotTo(HaveOccurred())
	_, err = chromedp.Call(ctx, browsed.Navigate, browsed.NavigateParams{URL: "file://" + path})
	Expect(err).NotTo(HaveOccurred())
	r.run("new Promise(done => document.readyState === 'complete' ? done(1) : addEventListener('load', () => done(1)))", nil)
	return r
}

// run evaluates an expression in the page.
func (r reader) run(expression string, into any) {
	GinkgoHelper()
	yes := true
	got, err := chromedp.Call(r.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, AwaitPromise: &yes, ReturnByValue: &yes})
	Expect(err).NotTo(HaveOccurred())
	Expect(got.ExceptionDetails).To(BeNil())
	if into != nil {
		Expect(json.Unmarshal(got.Result.Value, into)).To(Succeed())
	}
}

var keyCodes = map[string]int64{"Tab": 9, "Enter": 13, "End": 35, "ArrowLeft": 37, "ArrowRight": 39}

func (r reader) press(keys ...string) {
	GinkgoHelper()
	for _, key := range keys {
		for _, kind := range []input.DispatchKeyEventType{"rawKeyDown", "keyUp"} {
			_, err := chromedp.Call(r.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{
				Type: kind, Key: key, Code: key, WindowsVirtualKeyCode: keyCodes[key]})
			Expect(err).NotTo(HaveOccurred())
		}
	}
}

// focused is what has the focus: a class or an element's name.
func (r reader) focused() (name string) {
	GinkgoHelper()
	r.run("document.activeElement.classList[0] ?? document.activeElement.localName", &name)
	return name
}

var _ = Describe("the report that prove writes, in Chromium", Ordered, func() {
	var report, workers string
	BeforeAll(func() {
		if _, err := exec.LookPath("chromium"); err != nil {
			Skip("there is no Chromium here: install Debian's chromium (.ci/packages)")
		}
		report = filepath.Join(folder("report"), "report.html")
		out, code := run("prove", "--html", report)
		Expect(code).To(BeZero(), out)
		workers = filepath.Join(folder("report"), "workers.html")
		out, code = run("prove", "--visitors", "unchecked worker,fresh", "--strategy", "?v everywhere", "--mode", "rolling", "--fail-on", "none", "--html", workers)
		Expect(code).To(BeZero(), out)
	})

	DescribeTable("fits the window, and what is stepped to is in sight with its buttons", func(which *string, width, height int64) {
		r := openReport(*which, width, height)
		var wide int64
		r.run("document.documentElement.scrollWidth", &wide)
		Expect(wide).To(BeNumerically("<=", width), "nothing to scroll sideways")
		var broken []string
		r.run(`[...document.querySelectorAll('.panel.on .lane')].filter(l => { l.style.overflowWrap = 'normal'; return l.scrollWidth > l.clientWidth }).map(l => l.innerText)`, &broken)
		Expect(broken).To(BeEmpty(), "names of lanes with a word that is broken")
		for _, key := range []string{"ArrowRight", "ArrowRight", "End", "ArrowLeft", "ArrowLeft", "ArrowLeft"} {
			r.press(key)
			var at struct{ Bar, Lanes, Top, Bottom float64 }
			r.run(`(() => {
				const box = name => document.querySelector('.panel.on ' + name).getBoundingClientRect()
				return {bar: box('.bar').top, lanes: box('.lanes').bottom, top: box('.step.now').top, bottom: box('.step.now').bottom}
			})()`, &at)
			Expect(at.Bar).To(BeNumerically(">=", 0), "the buttons after %s", key)
			Expect(at.Top).To(BeNumerically(">=", at.Lanes-1), "the step below the names of the lanes after %s", key)
			Expect(at.Bottom).To(BeNumerically("<=", height), "the step after %s", key)
		}
	},
		Entry("of a phone", &report, int64(390), int64(700)),
		Entry("of a desk", &report, int64(1280), int64(720)),
		Entry("of a phone, with a service worker's seven lanes", &workers, int64(390), int64(700)),
		Entry("of a desk, with a service worker's seven lanes", &workers, int64(1280), int64(720)),
	)

	It("is one stop for Tab in a table, and goes on in what it is about", func() {
		r := openReport(report, 1280, 720)
		r.press("Tab")
		Expect(r.focused()).To(Equal("cell"))
		r.press("Tab")
		Expect(r.focused()).To(Equal("summary"), "what the words mean")
		r.run("document.querySelector('a.cell[aria-current]').focus()", nil)
		r.press("ArrowRight")
		Expect(r.focused()).To(Equal("cell"))
		r.run("document.activeElement.click()", nil)
		Expect(r.focused()).To(Equal("panel"))
		r.press("Tab")
		Expect(r.focused()).To(Equal("next"))
	})

	It("is dark for who wants it so, and never on paper", func() {
		r := openReport(report, 1280, 720)
		colour := func(media string, dark string) (name string) {
			GinkgoHelper()
			_, err := chromedp.Call(r.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: dark}}})
			Expect(err).NotTo(HaveOccurred())
			r.run("getComputedStyle(document.body).backgroundColor", &name)
			return name
		}
		Expect(colour("screen", "dark")).To(Equal("rgb(18, 22, 29)"))
		Expect(colour("screen", "light")).To(Equal("rgb(253, 252, 249)"))
		Expect(colour("print", "dark")).To(Equal("rgb(255, 255, 255)"))
	})
})
