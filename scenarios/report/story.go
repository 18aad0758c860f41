package report

import (
	"fmt"
	"slices"
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
	pages    map[string]bool // bodies of documents
	opened   map[string]bool // visitors who have opened a page before
	holds    []holding
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
	w := teller{trace: t, pages: map[string]bool{}, opened: map[string]bool{}}
	w.cast()
	for i, e := range t.Events {
		l := w.event(i, e)
		w.keep(e)
		for j := range w.holds {
			l.Holds = append(l.Holds, w.holds[j])
			w.holds[j].New = false
		}
		w.story.lines = append(w.story.lines, l)
	}
	return w.story
}

// cast finds the actors and gives each its lane: visitors with their browsers, caches
// from near to far, servers, the deployer.
func (w *teller) cast() {
	var visitors, browsers []string
	deployer := false
	see := func(list *[]string, name string) {
		if name != "" && !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, e := range w.trace.Events {
		see(&w.servers, e.Server)
		switch e.Kind {
		case prove.Navigated, prove.Requested:
			if e.Kind == prove.Navigated && e.Body != "" {
				w.pages[e.Body] = true
			}
			see(&visitors, e.Actor)
			if e.From == "browser" || slices.Contains(e.Stored, "browser") {
				see(&browsers, e.Actor)
			}
		case prove.Deployed, prove.Invalidated, prove.Stopped:
			deployer = true
			w.numbered = w.numbered || e.Server != ""
			if e.Tier == "regional" {
				see(&w.tiers, e.Tier)
			}
		case prove.Evicted, prove.Landed:
			see(&w.tiers, e.Actor)
		}
		if e.From != "origin" && e.From != "browser" && e.From != "flight" {
			see(&w.tiers, e.From)
		}
		for _, tier := range slices.Concat(e.Stored, e.Dropped) {
			if tier != "browser" {
				see(&w.tiers, tier)
			}
		}
	}
	if len(w.tiers) == 0 && len(visitors) > 0 {
		w.tiers = []string{"edge"}
	}
	near := map[string]int{"proxy": -1, "regional": 1}
	slices.SortStableFunc(w.tiers, func(a, b string) int { return near[a] - near[b] })
	slices.Sort(w.servers)
	slices.Sort(visitors)
	for _, v := range visitors {
		w.story.lanes = append(w.story.lanes, lane{v, visitor(v), "visitor"})
		if slices.Contains(browsers, v) {
			w.story.lanes = append(w.story.lanes, lane{v + " browser", visitor(v) + "’s browser", "browser"})
		}
	}
	for _, t := range w.tiers {
		w.story.lanes = append(w.story.lanes, lane{t, w.cache(t), "cache"})
	}
	for _, s := range w.servers {
		w.story.lanes = append(w.story.lanes, lane{s, w.server(s), "server"})
	}
	if deployer {
		w.story.lanes = append(w.story.lanes, lane{"deploy", "deploy", "deployer"})
	}
}

func (w *teller) lane(id string) int {
	return slices.IndexFunc(w.story.lanes, func(l lane) bool { return l.ID == id })
}

// cache names a tier. Without a regional one the edge is simply the CDN.
func (w *teller) cache(tier string) string {
	switch {
	case tier == "edge" && !slices.Contains(w.tiers, "regional"):
		return "the CDN"
	case tier == "edge":
		return "the edge cache"
	case tier == "regional":
		return "the regional cache"
	case strings.HasPrefix(tier, "edge "):
		return "edge location " + strings.TrimPrefix(tier, "edge ")
	case tier == "proxy":
		return "the proxy"
	case tier == "browser":
		return "the browser"
	}
	return tier
}

// server names a server. If only one is mentioned and no step is done on one alone,
// it is "the server".
func (w *teller) server(s string) string {
	if len(w.servers) <= 1 && !w.numbered {
		return "the server"
	}
	return "server " + strings.TrimPrefix(s, "s")
}

// event tells one event.
func (w *teller) event(i int, e prove.Event) line {
	l := line{Number: fmt.Sprint(e.N), Bad: e.Violation != "", Poisoned: e.Poisoned != "", Builds: label(e)}
	if e.Kind == prove.Landed {
		l.Number += ", later"
	}
	switch e.Kind {
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

// request tells how a visitor asked for something and what came.
func (w *teller) request(l *line, e prove.Event) {
	what := thing(e.Asset, e.URL)
	who := visitor(e.Actor)
	if e.Kind == prove.Navigated {
		what = "the page"
		again := ""
		if w.opened[e.Actor] {
			again = " again"
		}
		w.opened[e.Actor] = true
		l.Text = fmt.Sprintf("%s opens the page%s, %s. ", who, again, e.URL)
	} else {
		l.Text = fmt.Sprintf("%s’s page asks for %s, %s. ", who, what, e.URL)
	}
	if e.From == "browser" {
		l.Text += fmt.Sprintf("%s’s own browser still has it and asks nobody: %s.", who, w.ofRelease(e))
		l.Hops = w.path(*l, e, []string{e.Actor, e.Actor + " browser"})
		return
	}
	near := w.nearest(e)
	l.Hops = w.path(*l, e, w.way(e, near))
	l.Text += w.answer(e, what, near)
	l.Text += w.kept(e)
}

// nearest is the cache a visitor's request comes to first: one this visitor is seen
// with, else the first.
func (w *teller) nearest(e prove.Event) string {
	for _, t := range w.tiers {
		for _, x := range w.trace.Events {
			mine := x.Actor == e.Actor || slices.Contains(x.For, e.Actor)
			if mine && t != "regional" && (x.From == t || slices.Contains(x.Stored, t) || slices.Contains(x.Dropped, t)) {
				return t
			}
		}
	}
	if len(w.tiers) == 0 {
		return "edge" // nobody who has a name asked
	}
	return w.tiers[0]
}

// way lists the lanes a request passes: the visitor, the caches up to the one that
// answers, and the server if none does.
func (w *teller) way(e prove.Event, near string) []string {
	way := []string{e.Actor}
	for _, t := range w.tiers {
		switch {
		case t != near && strings.HasPrefix(t, "edge") && strings.HasPrefix(near, "edge"):
			continue // another location
		case t == "proxy" && near != "proxy":
			continue // of another visitor
		}
		way = append(way, t)
		if t == e.From {
			return way
		}
	}
	if e.Server != "" {
		way = append(way, e.Server)
	}
	return way
}

// path draws a request along a way and, unless it is still under way, the answer.
func (w *teller) path(l line, e prove.Event, way []string) []hop {
	var hops []hop
	for i := 1; i < len(way); i++ {
		hops = append(hops, hop{From: w.lane(way[i-1]), To: w.lane(way[i]), Row: 1})
	}
	for i := len(way) - 1; i > 0 && e.From != "flight"; i-- {
		h := hop{From: w.lane(way[i]), To: w.lane(way[i-1]), Row: 2, Answer: true, Bad: l.Bad}
		if i == 1 {
			h.Builds = l.Builds
		}
		hops = append(hops, h)
	}
	return slices.DeleteFunc(hops, func(h hop) bool { return h.From < 0 || h.To < 0 })
}

// answer tells who answered a request, and with what.
func (w *teller) answer(e prove.Event, what, near string) string {
	cache := w.cache(near)
	server := w.server(e.Server)
	switch {
	case e.Joined:
		return fmt.Sprintf("%s is already waiting for the same thing and lets this request wait along.", title(cache))
	case e.From == "flight" && e.Server == "":
		return fmt.Sprintf("%s passes the question on; the answer is still on its way.", title(cache))
	case e.From == "flight" && e.Status == 0:
		return fmt.Sprintf("%s has no copy and asks %s; the answer is still on its way.", title(cache), server)
	case e.From == "flight":
		return fmt.Sprintf("%s has no copy and asks %s, which begins to send %s. That answer is slow and still on its way.", title(cache), server, w.ofRelease(e))
	case e.Server == "" && e.Result == "RefreshHit":
		return fmt.Sprintf("%s asks whether its copy still holds, is told yes, and hands it out: %s.", title(w.cache(e.From)), w.ofRelease(e))
	case e.From != "origin" && e.From != "":
		if e.Status >= 400 {
			return fmt.Sprintf("%s remembers the error and repeats it: %s.", title(w.cache(e.From)), w.ofRelease(e))
		}
		if e.From != near {
			return fmt.Sprintf("%s has no copy, but %s has one and hands it out: %s.", title(cache), w.cache(e.From), w.ofRelease(e))
		}
		if key := keyURL(e.Key); e.Key != "" && key != e.URL {
			return fmt.Sprintf("To %s that is the same as %s, of which it has a copy and hands it out: %s.", cache, key, w.ofRelease(e))
		}
		return fmt.Sprintf("%s has a copy and hands it out without asking anybody: %s.", title(cache), w.ofRelease(e))
	case e.Result == "RefreshHit":
		return fmt.Sprintf("%s asks %s whether its old copy still holds, is told yes, and hands it out: %s.", title(cache), server, w.ofRelease(e))
	case e.Kind == prove.Navigated:
		return fmt.Sprintf("%s answers with %s.", title(server), w.ofRelease(e))
	case e.Status >= 400:
		return fmt.Sprintf("%s has no copy and asks %s, which says %s.", title(cache), server, w.ofRelease(e))
	}
	return fmt.Sprintf("%s has no copy and asks %s, which sends %s.", title(cache), server, w.ofRelease(e))
}

// ofRelease says what an answer is.
func (w *teller) ofRelease(e prove.Event) string {
	switch {
	case e.Status == 404:
		return "“404 Not Found”"
	case e.Status >= 400:
		return fmt.Sprintf("an error, status %d", e.Status)
	case e.Kind != prove.Navigated && w.pages[e.Body]:
		return "a page instead of the file, and calls it a success"
	case len(e.Builds) == 0:
		return "bytes of no release"
	case e.Kind == prove.Navigated:
		return "the page of " + releases(e.Builds)
	}
	return "the one of " + releases(e.Builds)
}

// kept tells which caches keep a copy, and whether it is a wrong one.
func (w *teller) kept(e prove.Event) string {
	var text string
	if len(e.Dropped) > 0 {
		text += fmt.Sprintf(" %s hands it on but keeps no copy, because it was told to forget while this was under way.", title(w.list(e.Dropped)))
	}
	if len(e.Stored) == 0 {
		return text
	}
	verb, what := "keeps", "a copy"
	if len(e.Stored) > 1 {
		verb, what = "keep", "copies"
	}
	if e.Status >= 400 {
		what = "the error in mind"
	}
	text += fmt.Sprintf(" %s %s %s", title(w.list(e.Stored)), verb, what)
	if key := keyURL(e.Key); e.Key != "" && key != e.URL {
		text += fmt.Sprintf(", filed under %s", key)
	}
	if e.Poisoned != "" {
		text += fmt.Sprintf(" – a wrong one: %s stands for another file", keyURL(e.Poisoned))
	}
	return text + "."
}

func (w *teller) list(tiers []string) string {
	var names []string
	for _, t := range tiers {
		names = append(names, w.cache(t))
	}
	switch len(names) {
	case 0:
		return "the CDN"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// landing tells how a slow answer arrived.
func (w *teller) landing(l *line, e prove.Event) {
	who := "nobody who still waits"
	var names []string
	for _, v := range e.For {
		names = append(names, visitor(v))
	}
	if len(names) > 0 {
		who = strings.Join(names, " and ")
	}
	l.Text = fmt.Sprintf("Only now the slow answer for %s arrives, for %s: %s.", e.URL, who, w.ofRelease(e)) + w.kept(e)
	l.Lane = max(0, w.lane(e.Actor))
	for _, v := range e.For {
		l.Hops = append(l.Hops, hop{From: l.Lane, To: max(0, w.lane(v)), Row: 1, Answer: true, Bad: l.Bad, Builds: l.Builds})
	}
}

// happening tells what is not a request.
func (w *teller) happening(e prove.Event) string {
	switch e.Kind {
	case prove.Deployed:
		text := fmt.Sprintf("The team deploys. Step “%s”", e.Step)
		switch {
		case e.Server != "" && len(e.Builds) > 0:
			text += fmt.Sprintf(" puts files of %s on %s.", releases(e.Builds), w.server(e.Server)) + w.others(e)
		case len(e.Builds) > 0:
			text += fmt.Sprintf(" puts files of %s on every server.", releases(e.Builds))
		default:
			text += " is done."
		}
		if e.Poisoned != "" {
			text += fmt.Sprintf(" Nobody tells the caches: the copy of %s that one of them has is wrong from now on.", keyURL(e.Poisoned))
		}
		return text
	case prove.Invalidated:
		who := "the CDN"
		if e.Tier != "" && len(w.tiers) > 1 {
			who = w.list(w.reached(e.Tier))
		}
		items := strings.Join(e.Items, ", ")
		if items == "" {
			items = "/*"
		}
		return fmt.Sprintf("The team tells %s to forget its copies of %s, and it does.", who, items)
	case prove.Stopped:
		return "Here the deploy fails, and nothing more is done."
	case prove.Evicted:
		return fmt.Sprintf("%s needs room and forgets its copy of %s.", title(w.cache(e.Tier)), keyURL(e.Key))
	case prove.Advanced:
		return fmt.Sprintf("%d seconds pass.", e.Seconds)
	}
	return string(e.Kind)
}

// orders draws what a deploy step does to servers and caches.
func (w *teller) orders(e prove.Event, builds string) []hop {
	to, label := w.servers, builds
	switch {
	case e.Kind == prove.Invalidated:
		to, label = w.reached(e.Tier), "forget"
	case e.Kind != prove.Deployed || builds == "":
		return nil
	case e.Server != "":
		to = []string{e.Server}
	}
	var hops []hop
	for i, id := range to {
		if at := w.lane(id); at >= 0 {
			hops = append(hops, hop{From: w.lane("deploy"), To: at, Row: 1 + i, Answer: true, Builds: label})
		}
	}
	return hops
}

// others says which servers do not have yet what one was just given.
func (w *teller) others(e prove.Event) string {
	if w.updated == nil {
		w.updated = map[string]bool{}
	}
	w.updated[e.Server] = true
	if len(w.servers) == 1 {
		return " The other servers are as before."
	}
	var rest []string
	for _, s := range w.servers {
		if !w.updated[s] {
			rest = append(rest, w.server(s))
		}
	}
	switch len(rest) {
	case 0:
		return ""
	case 1:
		return " " + title(rest[0]) + " is as before."
	}
	return " " + title(strings.Join(rest, ", ")) + " are as before."
}

// judge adds to the line of the violation what is wrong with it.
func (w *teller) judge(l *line, e prove.Event) {
	w.story.what, w.story.want, w.story.got = thing(e.Asset, e.URL), e.View, e.Builds
	w.story.from = e.From
	who := visitor(e.Actor)
	if len(e.For) > 0 {
		who = visitor(e.For[0])
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
