"""Nobody meets a word that is not theirs, whatever address they send to; and the crawler sees it if they do."""

from tests.isolation.crawler import Crawler


def test_nobody_gets_where_they_do_not_belong(world, capsys):
    found = Crawler(world).crawl()
    with capsys.disabled():
        print(f"\n{found}")
    assert not found.leaks, "\n".join(found.leaks)
