from . import test_messenger_api
from . import test_messenger_client
from . import test_messenger_processes
from . import test_phone_intake
from . import test_request_chat
from . import test_request_clock
from . import test_request_mail
