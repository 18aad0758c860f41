package report

import (
	"fmt"
	"strings"

	"staleproof/scenarios/prove"
)

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
		l.Text = fmt.Sprintf("%s opens the page%s, %s. ", who, again, asked(e))
	} else if e.Visitor == prove.Crawler {
		l.Text = fmt.Sprintf("A crawler asks for %s, %s, led by nothing that is shown. ", what, asked(e))
	} else {
		l.Text = fmt.Sprintf("%s’s page asks for %s, %s. ", who, what, asked(e))
	}
	if e.From == "browser" {
		if e.Visitor.HasWorker() {
			l.Text += fmt.Sprintf("%s’s service worker has it and asks nobody: %s.", who, w.ofRelease(e))
		} else {
			l.Text += fmt.Sprintf("%s’s own browser still has it and asks nobody: %s.", who, w.ofRelease(e))
		}
		l.Hops = w.path(*l, e, []string{e.Actor, e.Actor + " browser"})
		return
	}
	near := w.nearest(e)
	l.Hops = w.path(*l, e, w.way(e, near))
	l.Text += w.answer(e, what, near)
	l.Text += w.kept(e)
}

// asked is the URL that was asked for, and what is taken.
func asked(e prove.Event) string {
	if e.Takes == "" {
		return e.URL
	}
	return e.URL + ", taking " + strings.ReplaceAll(string(e.Takes), ",", " and ")
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
	page := e.Kind == prove.Navigated || w.pages[e.URL] // was asked for
	switch {
	case e.Status == 404:
		return "“404 Not Found”"
	case e.Status >= 400:
		return fmt.Sprintf("an error, status %d", e.Status)
	case !page && w.pages[e.Body]:
		return "a page instead of the file, and calls it a success"
	case e.Coding != "" && !e.Takes.Takes(e.Coding):
		return fmt.Sprintf("bytes compressed with %s, which cannot be read by one who does not take that", e.Coding)
	case len(e.Builds) == 0:
		return "bytes of no release"
	case page:
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
	l.Text = fmt.Sprintf("Only now the slow answer for %s arrives, for %s: %s.", asked(e), who, w.ofRelease(e)) + w.kept(e) + became(e.Worker)
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
	case prove.Failed:
		return fmt.Sprintf("%s stops working. From now on it says “503 Service Unavailable” to whoever asks.", title(w.server(e.Server)))
	case prove.Recovered:
		return fmt.Sprintf("%s works again.", title(w.server(e.Server)))
	case prove.Restored:
		return fmt.Sprintf("%s comes back with the back button. The browser restores the page as it was left, of %s, and asks nobody.", visitor(e.Actor), releases(e.Builds))
	case prove.Stopped:
		return "Here the deploy fails, and nothing more is done."
	case prove.Evicted:
		return fmt.Sprintf("%s needs room and forgets its copy of %s.", title(w.cache(e.Tier)), keyURL(e.Key))
	case prove.Advanced:
		return fmt.Sprintf("%d seconds pass.", e.Seconds)
	}
	return string(e.Kind)
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
