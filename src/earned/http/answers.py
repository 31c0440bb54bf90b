"""Models of answers, for the description of the API."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel, to_pascal


class V1Answer(BaseModel):
    """A camelCase answer. Answers may carry more than is documented, custom fields among it."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    success: bool = True


class ObjectAnswer(BaseModel):
    """A PascalCase answer."""

    model_config = ConfigDict(extra="allow", alias_generator=to_pascal)


class ObjectChanged(ObjectAnswer):
    """The answer to the creation or update of an object."""

    success: bool = True
    id: str
