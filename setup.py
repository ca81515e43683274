from setuptools import find_packages, setup

REQUIRES = [
    "pyramid>=2.1",
    "setuptools<82",  # Pyramid imports pkg_resources
    "sqlalchemy>=2.1",
    "alembic",
    "requests",
    "urllib3>=2.2",
    "mako",
    "waitress",
    "marshmallow>=4",
    "plaster_pastedeploy",
    "click",
    "publicsuffixlist",
    "cryptography>=44",
    "redis>=5",  # enable_redis, which the example files have on, must work after a plain install
]
POSTGRESQL = ["psycopg[binary]>=3.2"]
MYSQL = ["pymysql"]
TASKS = ["invoke>=2.2"]  # tools/tasks.py
TEST = [
    *POSTGRESQL,
    *MYSQL,
    *TASKS,
    "cryptography_vectors",
    "dnslib",
    "hypothesis",
    "lxml",
    "lxml-stubs",
    "mypy",
    "playwright",
    "pytest",
    "pytest-xdist",
    "redis",
    "ruff",
    "types-requests",
    "webtest",
]

setup(
    name="peter_sslers",
    version="1.0.0.dev0",
    description="Central, database-backed certificate manager for many domains and many servers.",
    long_description=open("README.md").read() if __import__("os").path.exists("README.md") else "",
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11",
    packages=find_packages(include=["peter_sslers", "peter_sslers.*"]),
    package_data={
        "peter_sslers": [
            "lib/ca_certs/*",
            "migrations/*.mako",
            "web/templates/*.mako",
            "web/templates/*/*.mako",
            "web/static/*",
        ]
    },
    install_requires=REQUIRES,
    extras_require={
        "test": TEST,
        "postgresql": POSTGRESQL,
        "mysql": MYSQL,
        "redis": ["redis"],
        "tasks": TASKS,
    },
    entry_points={
        "paste.app_factory": ["main = peter_sslers:main"],
        "paste.server_runner": ["main = peter_sslers.server:serve"],
        "console_scripts": [
            "initialize_peter_sslers_db = peter_sslers.scripts.initialize_db:main",
            "peter_sslers_import = peter_sslers.scripts.import_folder:main",
            "disable_acme_account_providers = peter_sslers.scripts.disable_providers:main",
        ],
    },
)
