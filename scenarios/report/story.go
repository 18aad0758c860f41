package report

import (
	"fmt"
	"strings"

	"staleproof/scenarios/prove"
)

// story is a trace told in plain words.
type story struct {
	lines []line
	lanes []lane
	what  string // thing concerned by the violation: "the style sheet"
	want  []int  // builds of the page
	got   []int  // builds of what came
	from  string // where it came from: "origin", "browser", a tier
	at    string // when: "14:03"
	who   string // was hit: "Ben"
	cache string // that it came from, in words; "": a server
	left  int64  // seconds that the cache will go on
	crew  *crew  // the service worker of who was hit; nil: none
}

// line is one event, told.
type line struct {
	Number   string // "4", or "4, later" for a landing
	Text     string
	Bad      bool  // the violation
	Hops     []hop // between lanes, for pictures
	Lane     int   // where it happens, when nothing travels
	Builds   string
	Poisoned bool
	Holds    []holding // what the caches hold after it
}

// hop is a message from one lane to another.
type hop struct {
	From, To int // lanes
	Row      int // 1: asking, 2: answering
	Answer   bool
	Bad      bool
	Builds   string // with an answer: "1", "404"
}

// lane is an actor.
type lane struct {
	ID, Name string
	Kind     string // visitor, browser, cache, server, deployer
}

// holding is one stored response in one cache.
type holding struct {
	Tier               string
	Cache, URL, Builds string
	Bad                bool
	New                bool
}

// teller tells one trace.
type teller struct {
	trace    prove.Trace
	servers  []string
	tiers    []string
	story    story
	numbered bool            // servers are told apart: a step was done on one of them
	updated  map[string]bool // servers that had a step of their own
	pages    map[string]bool // bodies of documents, and their URLs
	opened   map[string]bool // visitors who have opened a page before
	holds    []holding
	crew     map[string]*crew // by visitor who has a service worker
}

// Story tells a trace in plain words, a line for each event.
func Story(t prove.Trace) []string {
	var lines []string
	for _, l := range tell(t).lines {
		lines = append(lines, l.Number+". "+l.Text)
	}
	return lines
}

// Visitor is what stories call an actor of a trace; "" when it is no visitor.
func Visitor(actor string) string { return visitor(actor) }

// tell puts a trace into words.
func tell(t prove.Trace) story {
	w := teller{trace: t, pages: map[string]bool{}, opened: map[string]bool{}, crew: map[string]*crew{}}
	w.cast()
	c := newClock(t)
	for i, e := range t.Events {
		at := c.at(e)
		l := w.event(i, e)
		l.Text = at + " " + l.Text
		if e.Violation != "" {
			w.story.at = at
		}
		w.keep(e)
		for j := range w.holds {
			l.Holds = append(l.Holds, w.holds[j])
			w.holds[j].New = false
		}
		w.story.lines = append(w.story.lines, l)
	}
	return w.story
}

// event tells one event.
func (w *teller) event(i int, e prove.Event) line {
	l := line{Number: fmt.Sprint(e.N), Bad: e.Violation != "", Poisoned: e.Poisoned != "", Builds: label(e)}
	if e.Kind == prove.Landed {
		l.Number += ", later"
	}
	w.sees(e)
	switch e.Kind {
	case prove.WorkerChecked, prove.WorkerFetched:
		w.worker(&l, e)
	case prove.Navigated, prove.Requested:
		w.request(&l, e)
	case prove.Landed:
		w.landing(&l, e)
	default:
		l.Text = w.happening(e)
		l.Lane = max(0, w.lane(e.Actor))
		if e.Actor == "clock" {
			l.Lane = max(0, w.lane("deploy"))
		}
		l.Hops = w.orders(e, l.Builds)
	}
	if e.Violation != "" {
		w.judge(&l, e)
	}
	return l
}

// label is what an answer shows in a picture: its releases or its status.
func label(e prove.Event) string {
	switch {
	case e.Status >= 400:
		return fmt.Sprint(e.Status)
	case len(e.Builds) == 0 && e.Status != 0:
		return "?"
	}
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(e.Builds)), "+"), "[]")
}

// judge adds to the line of the violation what is wrong with it.
func (w *teller) judge(l *line, e prove.Event) {
	w.story.what, w.story.want, w.story.got = thing(e.Asset, e.URL), e.View, e.Builds
	w.story.from = e.From
	hit := e.Actor
	if len(e.For) > 0 {
		hit = e.For[0]
	}
	who := visitor(hit)
	w.story.crew = w.crew[hit]
	w.story.who, w.story.left = who, e.Left
	if e.From != "origin" && e.From != "browser" && e.From != "flight" && e.From != "" {
		w.story.cache = w.cache(e.From)
	}
	switch e.Violation {
	case prove.Stale:
		l.Text += fmt.Sprintf(" But %s’s page is of %s: this is old.", who, releases(e.View))
	case prove.Ahead:
		l.Text += fmt.Sprintf(" But %s’s page is of %s: this is newer than the page.", who, releases(e.View))
	case prove.Missing:
		l.Text += fmt.Sprintf(" %s’s page has to do without it.", who)
	case prove.Torn:
		l.Text += " It is half of a file that was just being written."
	case prove.Mixed:
		l.Text += fmt.Sprintf(" Together with what %s has already, that was never one release.", who)
	case prove.StalePage:
		l.Text += " But the deploy was over before: this page is old."
	case prove.Flip:
		l.Text += fmt.Sprintf(" But %s has seen a newer page before.", who)
	}
}

// title makes the first letter of a sentence a capital.
func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
