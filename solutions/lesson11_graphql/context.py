"""What resolvers share while one operation is executed."""

from lesson11_graphql.blog import Blog
from lesson11_graphql.feed import Feed
from lesson11_graphql.loaders import Loaders


class Context:
    """The blog, its feed of new posts, and loaders that live no longer than what they have read may be kept."""

    def __init__(self, blog: Blog, feed: Feed) -> None:
        self.blog = blog
        self.feed = feed
        self.loaders = Loaders(blog)

    def forget(self) -> None:
        """Begin with empty loaders: what was read for the last event may have changed since."""
        self.loaders = Loaders(self.blog)
